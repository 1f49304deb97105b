import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { asProblem } from "../api/problem";
import { text } from "../text";

const useStyles = makeStyles({
  remedy: { display: "block", marginTop: tokens.spacingVerticalXXS },
  id: {
    display: "block",
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
  },
});

interface ProblemMessageProps {
  error: unknown;
  onRetry?: () => void;
}

/** What went wrong, what to do about it, and the id to name when asking for help. */
export function ProblemMessage({ error, onRetry }: ProblemMessageProps) {
  const styles = useStyles();
  const problem = asProblem(error);
  // The sentence says more than the status' name.
  const detail = problem.code === "unreachable" ? text.common.unreachable : (problem.detail ?? problem.title);
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        <MessageBarTitle>{detail}</MessageBarTitle>
        {problem.remedy !== null && <span className={styles.remedy}>{problem.remedy}</span>}
        {problem.requestId !== null && (
          <span className={styles.id}>
            {text.common.requestId} {problem.requestId}
          </span>
        )}
      </MessageBarBody>
      {onRetry !== undefined && (
        <MessageBarActions>
          <Button onClick={onRetry}>{text.common.retry}</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  );
}
