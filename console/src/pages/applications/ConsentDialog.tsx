import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Link,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useConsentLink } from "../../api/hooks/connections";
import type { ConsentLink, PurposeName } from "../../api/types";
import { useNotify } from "../../components/notify";
import { PageSkeleton } from "../../components/PageStates";
import { ProblemMessage } from "../../components/ProblemMessage";
import { useReturnFocus } from "../../components/return-focus";
import { SimpleTable } from "../../components/SimpleTable";
import { text } from "../../text";

const useStyles = makeStyles({
  content: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalM },
  lead: { margin: 0 },
  address: {
    display: "block",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: "anywhere",
    userSelect: "all",
  },
});

/** What an administrator of the tenant is sent, and what they will be asked for. */
export function ConsentDialog(props: { tenantId: string; purpose: PurposeName; onClose: () => void }) {
  const { tenantId, purpose, onClose } = props;
  const styles = useStyles();
  useReturnFocus();
  const link = useConsentLink(tenantId, purpose);
  const notify = useNotify();
  const words = text.connections.consentDialog;
  return (
    <Dialog open onOpenChange={(_, data) => data.open || onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{words.title(text.connections.purposes[purpose].name)}</DialogTitle>
          <DialogContent className={styles.content}>
            {link.data !== undefined && <Consent link={link.data} />}
            {link.isPending && <PageSkeleton lines={4} />}
            {link.error !== null && <ProblemMessage error={link.error} onRetry={() => void link.refetch()} />}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{text.common.close}</Button>
            {link.data !== undefined && (
              <Button
                appearance="primary"
                onClick={async () => {
                  await navigator.clipboard.writeText(link.data.url);
                  notify.done(words.copied);
                }}
              >
                {text.common.copy}
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Consent({ link }: { link: ConsentLink }) {
  const styles = useStyles();
  const words = text.connections.consentDialog;
  return (
    <>
      <p className={styles.lead}>
        {words.lead} {link.delegated ? words.delegated : words.application}
      </p>
      <SimpleTable
        label={words.title("")}
        rows={link.permissions}
        rowKey={(one) => one.permission}
        empty={text.common.none}
        columns={[
          { key: "permission", label: words.permission, render: (one) => one.permission },
          { key: "why", label: words.why, render: (one) => one.why },
        ]}
      />
      <div>
        {words.redirect}
        <code className={styles.address}>{link.redirect_uri}</code>
      </div>
      <div>
        {words.link}
        <code className={styles.address}>{link.url}</code>
        <Link href={link.url} target="_blank" rel="noreferrer">
          {words.open}
        </Link>
      </div>
    </>
  );
}
