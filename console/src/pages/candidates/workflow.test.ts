import { describe, expect, test } from "vitest";
import type { StateMachine } from "../../api/types";
import { text } from "../../text";
import { curve, type DiagramNode, layoutWorkflow, wrap } from "./workflow";

const states = Object.keys(text.common.states) as StateMachine["nodes"][number]["state"][];
const machine: StateMachine = {
  nodes: states.map((state) => ({ state, label: text.common.states[state] ?? state })),
  edges: [
    { from: "ready", to: "awaiting_approval", label: "start proposed" },
    { from: "ready", to: "awaiting_revocation", label: "start approved" },
    { from: "awaiting_approval", to: "awaiting_approval", label: "escalate" },
    { from: "awaiting_approval", to: "awaiting_revocation", label: "take back" },
    { from: "awaiting_revocation", to: "attention_required", label: "obstacle" },
    { from: "attention_required", to: "awaiting_revocation", label: "fixed" },
  ],
};

function overlap(a: DiagramNode, b: DiagramNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe("the workflow diagram", () => {
  test("gives every state a place of its own within the picture", () => {
    const diagram = layoutWorkflow(machine, []);
    expect(diagram.nodes).toHaveLength(13);
    for (const [index, node] of diagram.nodes.entries()) {
      expect(node.x + node.width).toBeLessThanOrEqual(diagram.width);
      expect(node.y + node.height).toBeLessThanOrEqual(diagram.height);
      for (const other of diagram.nodes.slice(index + 1)) {
        expect(overlap(node, other), `${node.state} over ${other.state}`).toBe(false);
      }
    }
  });

  test("places a state that a later server knows without covering another", () => {
    const later = { state: "closed_later", label: "Later" } as unknown as StateMachine["nodes"][number];
    const later2 = { state: "closed_latest", label: "Latest" } as unknown as StateMachine["nodes"][number];
    const diagram = layoutWorkflow({ ...machine, nodes: [...machine.nodes, later, later2] }, []);
    const added = diagram.nodes.slice(-2);
    for (const node of added) {
      expect(diagram.nodes.filter((other) => other !== node && overlap(node, other))).toEqual([]);
      expect(node.y + node.height).toBeLessThanOrEqual(diagram.height);
    }
  });

  test("marks the steps that were gone, in their direction only, and where it stands", () => {
    const way = ["ready", "awaiting_revocation", "attention_required", "awaiting_revocation"];
    const diagram = layoutWorkflow(machine, way);
    const gone = diagram.edges.filter((edge) => edge.travelled).map((edge) => edge.key);
    expect(gone).toEqual([
      "ready awaiting_revocation",
      "awaiting_revocation attention_required",
      "attention_required awaiting_revocation",
    ]);
    const node = diagram.nodes.find((one) => one.state === "awaiting_revocation");
    expect(node).toMatchObject({ steps: [2, 4], current: true });
    expect(diagram.nodes.filter((one) => one.current)).toHaveLength(1);
  });

  test("draws the two directions between the same boxes beside each other", () => {
    const a = { x: 0, y: 0, width: 100, height: 40 };
    const b = { x: 0, y: 100, width: 100, height: 40 };
    expect(curve(a, b).split(" ")[1]).not.toBe(curve(b, a).split(" ")[1]);
  });

  test("breaks labels between words", () => {
    expect(wrap("Approved, waiting for removal", 19)).toEqual(["Approved, waiting", "for removal"]);
    expect(wrap("Ready", 19)).toEqual(["Ready"]);
  });
});
