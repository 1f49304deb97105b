import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles, tokens } from "@fluentui/react-components";
import { Dismiss20Regular } from "@fluentui/react-icons";
import { useFilters } from "../../table/useFilters";
import { text } from "../../text";

const KEYS = ["connection", "purpose"] as const;

const INTENTS = { signed_in: "success", consented: "success", refused: "warning", failed: "error" } as const;

const useStyles = makeStyles({ bar: { marginBottom: tokens.spacingVerticalL } });

/** How a visit at Microsoft ended, when the browser has just come back from there. */
export function Returned() {
  const styles = useStyles();
  const filters = useFilters(KEYS);
  const ended = filters.get("connection");
  if (!isKnown(ended)) {
    return null;
  }
  return (
    <MessageBar intent={INTENTS[ended]} layout="multiline" className={styles.bar}>
      <MessageBarBody>{text.connections.returned[ended]}</MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button
            appearance="transparent"
            icon={<Dismiss20Regular />}
            aria-label={text.common.close}
            onClick={filters.clear}
          />
        }
      />
    </MessageBar>
  );
}

/** An address can say anything. */
function isKnown(word: string): word is keyof typeof INTENTS {
  return Object.hasOwn(INTENTS, word);
}
