import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useId } from "react";
import { useStateMachine } from "../../api/hooks/candidates";
import type { CandidateDetail, StateMachine } from "../../api/types";
import { Section } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { Moment } from "../../components/When";
import { text } from "../../text";
import { type Diagram, type DiagramNode, layoutWorkflow } from "./workflow";

const useStyles = makeStyles({
  scroll: { overflowX: "auto", borderRadius: tokens.borderRadiusMedium },
  diagram: { display: "block", width: "100%", minWidth: "760px", maxWidth: "1120px", height: "auto", margin: "0 auto" },
  edge: { fill: "none", stroke: tokens.colorNeutralStroke1, strokeWidth: "1.2px" },
  edgeGone: { stroke: tokens.colorCompoundBrandStroke, strokeWidth: "3px" },
  head: { fill: tokens.colorNeutralStroke1 },
  headGone: { fill: tokens.colorCompoundBrandStroke },
  box: { fill: tokens.colorNeutralBackground1, stroke: tokens.colorNeutralStroke1, strokeWidth: "1px" },
  boxGone: { stroke: tokens.colorCompoundBrandStroke, strokeWidth: "2px" },
  boxNow: { fill: tokens.colorBrandBackground2, strokeWidth: "3px" },
  label: { fill: tokens.colorNeutralForeground2, fontSize: "13px", fontFamily: tokens.fontFamilyBase },
  labelGone: { fill: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  step: { fill: tokens.colorBrandBackground },
  stepText: {
    fill: tokens.colorNeutralForegroundOnBrand,
    fontSize: "11px",
    fontWeight: tokens.fontWeightSemibold,
    fontFamily: tokens.fontFamilyBase,
  },
  lists: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(100%, 300px), 1fr))",
    gap: tokens.spacingHorizontalXL,
    marginTop: tokens.spacingVerticalL,
  },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  list: { margin: `${tokens.spacingVerticalS} 0 0`, paddingLeft: tokens.spacingHorizontalXXL },
  at: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, display: "block" },
});

/** The state diagram with the way this candidate went, and the same in words. */
export function Workflow({ candidate }: { candidate: CandidateDetail }) {
  const machine = useStateMachine();
  return (
    <Section title={text.candidates.workflow.title}>
      <Loaded query={machine}>{(data) => <Drawn machine={data} candidate={candidate} />}</Loaded>
    </Section>
  );
}

function Drawn({ machine, candidate }: { machine: StateMachine; candidate: CandidateDetail }) {
  const styles = useStyles();
  const diagram = layoutWorkflow(
    machine,
    candidate.travelled.map((step) => step.state),
  );
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={styles.scroll} tabIndex={0} aria-label={text.candidates.workflow.diagram}>
        <Picture diagram={diagram} />
      </section>
      <InWords machine={machine} candidate={candidate} />
    </>
  );
}

function Picture({ diagram }: { diagram: Diagram }) {
  const styles = useStyles();
  const id = useId();
  const plain = `${id}-plain`;
  const gone = `${id}-gone`;
  return (
    <svg
      role="img"
      aria-label={text.candidates.workflow.diagram}
      viewBox={`0 0 ${diagram.width} ${diagram.height}`}
      className={styles.diagram}
    >
      <defs>
        <Head id={plain} className={styles.head} size={7} />
        <Head id={gone} className={styles.headGone} size={12} />
      </defs>
      {diagram.edges.map((edge) => (
        <path
          key={edge.key}
          d={edge.path}
          className={mergeClasses(styles.edge, edge.travelled && styles.edgeGone)}
          markerEnd={`url(#${edge.travelled ? gone : plain})`}
        >
          <title>{edge.label}</title>
        </path>
      ))}
      {diagram.nodes.map((node) => (
        <Box key={node.state} node={node} />
      ))}
    </svg>
  );
}

function Head({ id, className, size }: { id: string; className: string; size: number }) {
  return (
    <marker
      id={id}
      viewBox="0 0 10 10"
      refX="9"
      refY="5"
      markerUnits="userSpaceOnUse"
      markerWidth={size}
      markerHeight={size}
      orient="auto-start-reverse"
    >
      <path d="M 0 0 L 10 5 L 0 10 z" className={className} />
    </marker>
  );
}

const LINE_HEIGHT = 16;

function Box({ node }: { node: DiagramNode }) {
  const styles = useStyles();
  const gone = node.steps.length > 0;
  const center = node.x + node.width / 2;
  const first = node.y + node.height / 2 - ((node.lines.length - 1) * LINE_HEIGHT) / 2 + 4.5;
  return (
    <g>
      <rect
        x={node.x}
        y={node.y}
        width={node.width}
        height={node.height}
        rx={6}
        className={mergeClasses(styles.box, gone && styles.boxGone, node.current && styles.boxNow)}
      />
      <text textAnchor="middle" className={mergeClasses(styles.label, gone && styles.labelGone)}>
        {node.lines.map((line, index) => (
          <tspan key={line} x={center} y={first + index * LINE_HEIGHT}>
            {line}
          </tspan>
        ))}
      </text>
      {node.steps.map((step, index) => (
        <g key={step}>
          <circle cx={node.x + 4 + index * 21} cy={node.y + 2} r={9.5} className={styles.step} />
          <text x={node.x + 4 + index * 21} y={node.y + 6} textAnchor="middle" className={styles.stepText}>
            {step}
          </text>
        </g>
      ))}
    </g>
  );
}

function InWords({ machine, candidate }: { machine: StateMachine; candidate: CandidateDetail }) {
  const styles = useStyles();
  const words = text.candidates.workflow;
  const label = (state: string) => machine.nodes.find((node) => node.state === state)?.label ?? state;
  const next = machine.edges.filter((edge) => edge.from === candidate.state);
  return (
    <div className={styles.lists}>
      <div>
        <h3 className={styles.heading}>{words.travelled}</h3>
        <ol className={styles.list}>
          {candidate.travelled.map((step, index) => (
            <li key={`${step.state} ${step.at}`}>
              {label(step.state)}
              {index === candidate.travelled.length - 1 && ` (${words.now})`}
              <span className={styles.at}>
                <Moment at={step.at} />
              </span>
            </li>
          ))}
        </ol>
      </div>
      <div>
        <h3 className={styles.heading}>{words.next}</h3>
        {next.length === 0 ? (
          <p>{words.end}</p>
        ) : (
          <ul className={styles.list}>
            {next.map((edge) => (
              <li key={`${edge.to} ${edge.label}`}>
                {label(edge.to)} <span className={styles.at}>{words.on(edge.label)}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
