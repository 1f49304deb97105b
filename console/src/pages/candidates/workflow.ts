import type { StateMachine } from "../../api/types";

/** Where each state stands: column, row, and how many columns it spans. A state not named here goes below. */
const PLACES: Record<string, [column: number, row: number, span: number]> = {
  closed_skipped: [0, 0, 3],
  awaiting_user: [1, 1, 1],
  ready: [0, 2, 1],
  awaiting_approval: [1, 2, 1],
  awaiting_revocation: [2, 2, 1],
  revoking: [3, 2, 1],
  verifying: [4, 2, 1],
  closed_complete: [5, 2, 1],
  in_review: [1, 3, 1],
  restoring: [5, 3, 1],
  closed_canceled: [0, 4, 2],
  attention_required: [2, 4, 3],
  closed_restored: [5, 4, 1],
};

const WIDTH = 140;
const HEIGHT = 46;
const GAP_X = 34;
const GAP_Y = 44;
const MARGIN = 14;
const COLUMNS = 6;
const ROWS = 5;
/** What fits into a box of one column. */
const LINE = 19;
/** Two edges between the same boxes run beside each other. */
const BESIDE = 7;

export interface DiagramNode {
  state: string;
  label: string;
  lines: string[];
  x: number;
  y: number;
  width: number;
  height: number;
  /** At which steps of the way it was entered, counted from 1. */
  steps: number[];
  current: boolean;
}

export interface DiagramEdge {
  key: string;
  from: string;
  to: string;
  label: string;
  path: string;
  travelled: boolean;
}

export interface Diagram {
  width: number;
  height: number;
  nodes: DiagramNode[];
  edges: DiagramEdge[];
}

/** The state machine as boxes and curves, with the way that was gone marked. */
export function layoutWorkflow(machine: StateMachine, travelled: readonly string[]): Diagram {
  const nodes = placeNodes(machine, travelled);
  const at = new Map(nodes.map((node) => [node.state, node]));
  const gone = new Set(travelled.slice(1).map((to, index) => `${travelled[index]} ${to}`));
  const edges = machine.edges.flatMap((edge): DiagramEdge[] => {
    const from = at.get(edge.from);
    const to = at.get(edge.to);
    if (from === undefined || to === undefined) {
      return [];
    }
    const key = `${edge.from} ${edge.to}`;
    return [{ ...edge, key, path: curve(from, to), travelled: gone.has(key) }];
  });
  const bottom = Math.max(...nodes.map((node) => node.y + node.height), 0);
  return {
    width: 2 * MARGIN + COLUMNS * WIDTH + (COLUMNS - 1) * GAP_X,
    height: bottom + MARGIN,
    nodes,
    // What was gone is drawn last, above the rest.
    edges: edges.toSorted((a, b) => Number(a.travelled) - Number(b.travelled)),
  };
}

function placeNodes(machine: StateMachine, travelled: readonly string[]): DiagramNode[] {
  const homeless = machine.nodes.filter(({ state }) => PLACES[state] === undefined).map(({ state }) => state);
  return machine.nodes.map(({ state, label }) => {
    const [column, row, span] = PLACES[state] ?? below(homeless.indexOf(state));
    return {
      state,
      label,
      lines: wrap(label, LINE * span),
      x: MARGIN + column * (WIDTH + GAP_X),
      y: MARGIN + row * (HEIGHT + GAP_Y),
      width: span * WIDTH + (span - 1) * GAP_X,
      height: HEIGHT,
      steps: travelled.flatMap((one, index) => (one === state ? [index + 1] : [])),
      current: travelled.at(-1) === state,
    };
  });
}

/** A place under all others, from left to right. */
function below(index: number): [column: number, row: number, span: number] {
  return [index % COLUMNS, ROWS + Math.floor(index / COLUMNS), 1];
}

/** Words on as few lines as they need. */
export function wrap(label: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of label.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

type Box = Pick<DiagramNode, "x" | "y" | "width" | "height">;

/** A curve from the side of one box to the facing side of the other. */
export function curve(from: Box, to: Box): string {
  if (from === to) {
    const right = from.x + from.width;
    return `M ${right - 34} ${from.y} C ${right - 34} ${from.y - 22}, ${right - 10} ${from.y - 22}, ${right - 10} ${from.y}`;
  }
  const beside = besideOf(from, to);
  if (from.y === to.y && Math.abs(to.x - from.x) > from.width + GAP_X + 1) {
    return over(from, to);
  }
  if (from.y === to.y) {
    const right = to.x > from.x;
    const y1 = middle(from.y, from.height) + beside;
    const y2 = middle(to.y, to.height) + beside;
    const x1 = right ? from.x + from.width : from.x;
    const x2 = right ? to.x : to.x + to.width;
    const bend = (x2 - x1) / 2;
    return `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${x2 - bend} ${y2}, ${x2} ${y2}`;
  }
  const down = to.y > from.y;
  const x1 = facing(from, to) + beside;
  const x2 = facing(to, from) + beside;
  const y1 = down ? from.y + from.height : from.y;
  const y2 = down ? to.y : to.y + to.height;
  const bend = (y2 - y1) / 2;
  return `M ${x1} ${y1} C ${x1} ${y1 + bend}, ${x2} ${y2 - bend}, ${x2} ${y2}`;
}

/** Above what stands between two boxes of one row. */
function over(from: Box, to: Box): string {
  const right = to.x > from.x;
  const x1 = right ? from.x + from.width - 18 : from.x + 18;
  const x2 = right ? to.x + 18 : to.x + to.width - 18;
  const peak = from.y - GAP_Y + 6;
  return `M ${x1} ${from.y} C ${x1} ${peak}, ${x2} ${peak}, ${x2} ${to.y}`;
}

function middle(start: number, length: number): number {
  return start + length / 2;
}

/** Where on its width a box is left towards another: as near to it as the box allows. */
function facing(box: Box, other: Box): number {
  const inset = 24;
  return Math.min(Math.max(middle(other.x, other.width), box.x + inset), box.x + box.width - inset);
}

function besideOf(from: Box, to: Box): number {
  return to.x - from.x + (to.y - from.y) * 1_000 > 0 ? -BESIDE : BESIDE;
}
