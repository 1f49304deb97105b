import { Badge, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import type { DoctorPermission, DoctorTask } from "../../api/types";
import { SimpleTable } from "../../components/SimpleTable";
import { text } from "../../text";
import { standing } from "./doctor";

const STATE_COLORS = {
  ready: "success",
  limited: "warning",
  stopped: "danger",
  read_only: "warning",
  no_connection: "warning",
  unknown: "informative",
} as const;

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  item: {
    display: "grid",
    gap: tokens.spacingVerticalS,
    gridTemplateColumns: "minmax(0, 1fr)",
    padding: `${tokens.spacingVerticalL} 0`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    ":first-child": { borderTop: "none", paddingTop: 0 },
  },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: tokens.spacingHorizontalS },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  note: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "75ch" },
  roles: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
});

/** Whether each task can do its work, and what it lacks for that. */
export function DoctorTasks({ tasks }: { tasks: DoctorTask[] }) {
  const styles = useStyles();
  return (
    <ul className={styles.list}>
      {tasks.map((task) => (
        <li key={task.task} className={styles.item}>
          <TaskHealth task={task} />
        </li>
      ))}
    </ul>
  );
}

function TaskHealth({ task }: { task: DoctorTask }) {
  const styles = useStyles();
  const words = text.doctor;
  return (
    <>
      <div className={styles.head}>
        <h3 className={styles.name}>{task.label}</h3>
        <Badge appearance="tint" color={STATE_COLORS[task.state]}>
          {words.states[task.state]}
        </Badge>
        {!task.enabled && (
          <Badge appearance="outline" color="informative">
            {words.off}
          </Badge>
        )}
      </div>
      {task.last_failure !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>
              {words.lastFailure}: {task.last_failure}
            </MessageBarTitle>
            {task.last_failure_remedy}
          </MessageBarBody>
        </MessageBar>
      )}
      <Permissions task={task} />
      {task.broader.map((one) => (
        <p key={one.permission} className={styles.note}>
          {one.too_broad ? words.tooBroad(one.permission) : words.broader(one.permission, one.instead.join(", "))}
        </p>
      ))}
      <MicrosoftRoles task={task} />
    </>
  );
}

function Permissions({ task }: { task: DoctorTask }) {
  const styles = useStyles();
  const words = text.doctor;
  return task.needed.length === 0 ? (
    <p className={styles.note}>{words.noPermissions}</p>
  ) : (
    <SimpleTable<DoctorPermission>
      label={words.needed(task.label)}
      rows={task.needed}
      rowKey={(need) => `${need.permission} ${need.why}`}
      empty={words.noPermissions}
      columns={[
        {
          key: "permission",
          label: words.permission,
          render: (need) =>
            need.permission === null ? words.noPermission : <span className={styles.mono}>{need.permission}</span>,
        },
        { key: "why", label: words.why, render: (need) => need.why },
        { key: "granted", label: words.isGranted, render: (need) => <Standing need={need} /> },
      ]}
    />
  );
}

function Standing({ need }: { need: DoctorPermission }) {
  const styles = useStyles();
  const words = text.doctor;
  const { word, color } = standing(need);
  const others = need.granted_by.filter((name) => name !== need.permission);
  return (
    <>
      <Badge appearance="tint" color={color}>
        {word}
      </Badge>{" "}
      <span className={styles.note}>
        {!need.required && words.optional}
        {!need.required && others.length > 0 && ","}
        {others.length > 0 && ` ${words.through(others.join(", "))}`}
      </span>
    </>
  );
}

/** Roles in Microsoft's directory; Reseat's own roles are another thing and never stand here (F41). */
function MicrosoftRoles({ task }: { task: DoctorTask }) {
  const styles = useStyles();
  const words = text.doctor;
  if (task.roles_missing.length === 0 && !task.roles_unknown) {
    return null;
  }
  return (
    <div>
      <p className={styles.note}>{words.roles}</p>
      <ul className={styles.roles}>
        {task.roles_missing.map((role) => (
          <li key={role.why}>
            {words.roleMissing(role.any_of.join(words.or), role.why)}
            {!role.required && `, ${words.optional}`}
          </li>
        ))}
        {task.roles_unknown && <li>{words.rolesUnknown}</li>}
      </ul>
    </div>
  );
}
