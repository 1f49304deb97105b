import {
  Badge,
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { useAuthorizeConnection, useCheckConnection, useRemoveConnection } from "../../api/hooks/connections";
import type { ApplicationDetail, Connection, PurposeName } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Fact, Facts } from "../../components/Facts";
import { useNotify } from "../../components/notify";
import { Ago, Day } from "../../components/When";
import { UNKNOWN } from "../../format";
import { useMay } from "../../frame/session";
import { text } from "../../text";
import { ConnectionForm } from "./ConnectionForm";
import { ConsentDialog } from "./ConsentDialog";

const PURPOSES: PurposeName[] = ["reader", "writer", "mailer"];

const COLORS: Record<string, "success" | "danger" | "warning" | "informative"> = {
  configured: "informative",
  working: "success",
  failing: "danger",
  read_only: "warning",
};

const useStyles = makeStyles({
  lead: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2, maxWidth: "75ch" },
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
  what: { margin: 0, color: tokens.colorNeutralForeground2 },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: "anywhere" },
});

/** The ways into the tenant, those that are not there too. */
export function Connections({ application }: { application: ApplicationDetail }) {
  const styles = useStyles();
  return (
    <>
      <p className={styles.lead}>{text.connections.lead}</p>
      <ul className={styles.list}>
        {PURPOSES.map((purpose) => (
          <li key={purpose} className={styles.item}>
            <OneConnection
              tenantId={application.application_id}
              purpose={purpose}
              connection={application.connections.find((one) => one.purpose === purpose)}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

interface OneProps {
  tenantId: string;
  purpose: PurposeName;
  connection: Connection | undefined;
}

function OneConnection({ tenantId, purpose, connection }: OneProps) {
  const styles = useStyles();
  const words = text.connections;
  const { name, what } = words.purposes[purpose];
  return (
    <>
      <div className={styles.head}>
        <h3 className={styles.name}>{name}</h3>
        {connection === undefined ? (
          <Badge appearance="tint" color="subtle">
            {words.missing}
          </Badge>
        ) : (
          <Badge appearance="tint" color={COLORS[connection.status] ?? "informative"}>
            {words.statuses[connection.status as keyof typeof words.statuses] ?? connection.status}
          </Badge>
        )}
      </div>
      <p className={styles.what}>{what}</p>
      {connection !== undefined && <Troubles connection={connection} />}
      {connection !== undefined && <ConnectionFacts connection={connection} />}
      <Actions tenantId={tenantId} purpose={purpose} connection={connection} />
    </>
  );
}

/** What is wrong, and what soon will be, each with its remedy. */
function Troubles({ connection }: { connection: Connection }) {
  const { problem, remedy, expiry } = connection;
  return (
    <>
      {problem !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{problem}</MessageBarTitle>
            {remedy}
          </MessageBarBody>
        </MessageBar>
      )}
      {expiry !== null && (
        <MessageBar intent={expiry.level <= 1 ? "error" : "warning"} layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{expiry.message}</MessageBarTitle>
            {expiry.remedy}
          </MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

function ConnectionFacts({ connection }: { connection: Connection }) {
  const styles = useStyles();
  const words = text.connections;
  const check = connection.last_check;
  const list = (names: string[]) => (names.length === 0 ? text.common.none : names.join(", "));
  return (
    <Facts>
      <Fact name={words.kind}>{words.kinds[connection.kind as keyof typeof words.kinds] ?? connection.kind}</Fact>
      <Fact name={words.client}>
        <span className={styles.mono}>{connection.client_id}</span>
      </Fact>
      {check !== null && check.app_name !== null && <Fact name={words.app}>{check.app_name}</Fact>}
      {connection.signed_in_as !== null && (
        <Fact name={words.person}>
          {connection.signed_in_as}, <Ago at={connection.signed_in_at} />
        </Fact>
      )}
      {connection.certificate_thumbprint !== null && (
        <Fact name={words.thumbprint}>
          <span className={styles.mono}>{connection.certificate_thumbprint}</span>
        </Fact>
      )}
      {connection.expires_at !== null && (
        <Fact name={words.ends}>
          <Day day={connection.expires_at} />
        </Fact>
      )}
      <Fact name={words.origin}>{words.origins[connection.origin as keyof typeof words.origins] ?? UNKNOWN}</Fact>
      <Fact name={words.checked}>{check === null ? words.never : <Ago at={check.at} />}</Fact>
      {check !== null && check.tenant_words !== null && <Fact name={words.tenant}>{check.tenant_words}</Fact>}
      {check?.signs_in === true && (
        <>
          <Fact name={words.granted}>{check.granted === null ? words.grantedUnknown : list(check.granted)}</Fact>
          {check.missing.length > 0 && <Fact name={words.lacking}>{list(check.missing)}</Fact>}
          {check.broader.length > 0 && <Fact name={words.broader}>{list(check.broader)}</Fact>}
        </>
      )}
    </Facts>
  );
}

function Actions({ tenantId, purpose, connection }: OneProps) {
  const styles = useStyles();
  const may = useMay("administer");
  const [form, setForm] = useState(false);
  const [consent, setConsent] = useState(false);
  const [removing, setRemoving] = useState(false);
  const words = text.connections;
  const { name } = words.purposes[purpose];
  const fixed = connection !== undefined && !connection.can_change;
  const why = may ? (fixed ? words.inFile : undefined) : words.mayNot;
  return (
    <div className={styles.actions}>
      {connection !== undefined && <Check tenantId={tenantId} purpose={purpose} />}
      {connection?.kind === "authorization_code" && <SignIn tenantId={tenantId} purpose={purpose} />}
      {connection !== undefined && (
        <Button size="small" aria-label={words.consentLabel(name)} disabled={!may} onClick={() => setConsent(true)}>
          {words.consent}
        </Button>
      )}
      <Button
        size="small"
        aria-label={connection === undefined ? words.addLabel(name) : words.changeLabel(name)}
        disabled={why !== undefined}
        title={why}
        onClick={() => setForm(true)}
      >
        {connection === undefined ? words.add : words.change}
      </Button>
      {connection !== undefined && (
        <Button
          size="small"
          aria-label={words.removeLabel(name)}
          disabled={why !== undefined}
          title={why}
          onClick={() => setRemoving(true)}
        >
          {words.remove}
        </Button>
      )}
      {form && (
        <ConnectionForm tenantId={tenantId} purpose={purpose} before={connection} onClose={() => setForm(false)} />
      )}
      {consent && <ConsentDialog tenantId={tenantId} purpose={purpose} onClose={() => setConsent(false)} />}
      <Remove tenantId={tenantId} purpose={purpose} open={removing} onClose={() => setRemoving(false)} />
    </div>
  );
}

function Check({ tenantId, purpose }: { tenantId: string; purpose: PurposeName }) {
  const may = useMay("administer");
  const check = useCheckConnection(tenantId);
  const notify = useNotify();
  const words = text.connections;
  const { name } = words.purposes[purpose];
  return (
    <Button
      size="small"
      aria-label={words.checkLabel(name)}
      disabled={!may}
      disabledFocusable={check.isPending}
      onClick={() =>
        check.mutate(
          { purpose },
          {
            onSuccess: (seen) =>
              notify.done(seen.last_check?.signs_in === true ? words.works(name) : words.worksNot(name)),
            onError: notify.failed,
          },
        )
      }
    >
      {words.check}
    </Button>
  );
}

/** Leaves for Microsoft by its link; it leads back to this page. */
function SignIn({ tenantId, purpose }: { tenantId: string; purpose: PurposeName }) {
  const may = useMay("administer");
  const authorize = useAuthorizeConnection(tenantId);
  const notify = useNotify();
  const words = text.connections;
  return (
    <Button
      size="small"
      appearance="primary"
      aria-label={words.signInLabel(words.purposes[purpose].name)}
      disabled={!may}
      disabledFocusable={authorize.isPending}
      onClick={() =>
        authorize.mutate(
          { purpose },
          { onSuccess: (begun) => window.location.assign(begun.authorize_url), onError: notify.failed },
        )
      }
    >
      {words.signIn}
    </Button>
  );
}

interface RemoveProps {
  tenantId: string;
  purpose: PurposeName;
  open: boolean;
  onClose: () => void;
}

function Remove({ tenantId, purpose, open, onClose }: RemoveProps) {
  const remove = useRemoveConnection(tenantId);
  const notify = useNotify();
  const words = text.connections;
  const { name } = words.purposes[purpose];
  return (
    <ConfirmDialog
      open={open}
      danger
      onClose={onClose}
      title={words.removeTitle(name)}
      confirmLabel={words.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ purpose });
        notify.done(words.removed(name));
      }}
    >
      {words.removeWhat[purpose]} {words.removeSealed}
    </ConfirmDialog>
  );
}
