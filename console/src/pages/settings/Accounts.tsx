import { Badge, Button, makeStyles, tokens } from "@fluentui/react-components";
import { Add20Regular } from "@fluentui/react-icons";
import { useState } from "react";
import { useAccounts, useEditAccount } from "../../api/hooks/session";
import type { Account } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { DataTable } from "../../components/DataTable";
import { useNotify } from "../../components/notify";
import { Section } from "../../components/PageHeader";
import { Day } from "../../components/When";
import { useSession } from "../../frame/session";
import { text } from "../../text";
import { AddAccount, EditRoles } from "./AccountForms";

const useStyles = makeStyles({
  lead: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

type Asked = { what: "add" } | { what: "roles" | "disable"; account: Account };

/** The accounts of this installation. */
export function Accounts() {
  const styles = useStyles();
  const list = useAccounts();
  const me = useSession().account.account_id;
  const edit = useEditAccount();
  const notify = useNotify();
  const [asked, setAsked] = useState<Asked | null>(null);
  const words = text.settings.accounts;
  const enable = (account: Account) =>
    edit.mutate(
      { account, enabled: true },
      { onSuccess: () => notify.done(words.enabledDone(account.name)), onError: notify.failed },
    );
  return (
    <Section
      title={text.settings.tabs.accounts}
      actions={
        <Button icon={<Add20Regular />} onClick={() => setAsked({ what: "add" })}>
          {words.add}
        </Button>
      }
    >
      <p className={styles.lead}>{words.lead}</p>
      <DataTable<Account>
        label={text.settings.tabs.accounts}
        list={list}
        rowKey={(account) => account.account_id}
        empty={{ title: words.empty }}
        columns={[
          {
            key: "name",
            label: words.name,
            render: (account) => (account.account_id === me ? `${account.name} (${words.you})` : account.name),
          },
          {
            key: "roles",
            label: words.roles,
            render: (account) => account.roles.map((role) => text.common.roles[role]).join(", "),
          },
          {
            key: "state",
            label: words.state,
            render: (account) =>
              account.enabled ? (
                words.enabled
              ) : (
                <Badge appearance="tint" color="warning">
                  {words.disabled}
                </Badge>
              ),
          },
          { key: "since", label: words.since, render: (account) => <Day day={account.created_at} /> },
          {
            key: "actions",
            label: text.common.actions,
            render: (account) =>
              account.account_id !== me && (
                <div className={styles.actions}>
                  <Button
                    size="small"
                    aria-label={words.editLabel(account.name)}
                    onClick={() => setAsked({ what: "roles", account })}
                  >
                    {words.edit}
                  </Button>
                  {account.enabled ? (
                    <Button
                      size="small"
                      aria-label={words.disableLabel(account.name)}
                      onClick={() => setAsked({ what: "disable", account })}
                    >
                      {words.disable}
                    </Button>
                  ) : (
                    <Button size="small" aria-label={words.enableLabel(account.name)} onClick={() => enable(account)}>
                      {words.enable}
                    </Button>
                  )}
                </div>
              ),
          },
        ]}
      />
      <Dialogs asked={asked} onClose={() => setAsked(null)} />
    </Section>
  );
}

function Dialogs({ asked, onClose }: { asked: Asked | null; onClose: () => void }) {
  const edit = useEditAccount();
  const notify = useNotify();
  const words = text.settings.accounts;
  if (asked === null) {
    return null;
  }
  if (asked.what === "add") {
    return <AddAccount onClose={onClose} />;
  }
  const { account } = asked;
  if (asked.what === "roles") {
    return <EditRoles account={account} onClose={onClose} />;
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      danger
      title={words.disableTitle(account.name)}
      confirmLabel={words.disable}
      onConfirm={async () => {
        await edit.mutateAsync({ account, enabled: false });
        notify.done(words.disabledDone(account.name));
      }}
    >
      {words.disableWhat}
    </ConfirmDialog>
  );
}
