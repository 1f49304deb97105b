import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { Add20Regular } from "@fluentui/react-icons";
import { useState } from "react";
import { useCreateToken, useDeleteToken, useTokens } from "../../api/hooks/session";
import type { IssuedToken, Token } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { DataTable } from "../../components/DataTable";
import { FormDialog } from "../../components/FormDialog";
import { useNotify } from "../../components/notify";
import { Section } from "../../components/PageHeader";
import { Ago, Day } from "../../components/When";
import { text } from "../../text";
import { endOfDay } from "./day";

const useStyles = makeStyles({
  lead: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
  issued: { marginBottom: tokens.spacingVerticalM },
  secret: { display: "block", fontFamily: tokens.fontFamilyMonospace, overflowWrap: "anywhere", userSelect: "all" },
});

/** The tokens of whoever is signed in. */
export function Tokens() {
  const styles = useStyles();
  const list = useTokens();
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Token | null>(null);
  const [issued, setIssued] = useState<IssuedToken | null>(null);
  const words = text.settings.tokens;
  return (
    <Section
      title={text.settings.tabs.tokens}
      actions={
        <Button icon={<Add20Regular />} onClick={() => setAdding(true)}>
          {words.add}
        </Button>
      }
    >
      <p className={styles.lead}>{words.lead}</p>
      {issued !== null && (
        <MessageBar intent="success" layout="multiline" className={styles.issued}>
          <MessageBarBody>
            <MessageBarTitle>
              {issued.name}: {words.shown}
            </MessageBarTitle>
            <code className={styles.secret}>{issued.token}</code>
          </MessageBarBody>
        </MessageBar>
      )}
      <DataTable<Token>
        label={text.settings.tabs.tokens}
        list={list}
        rowKey={(token) => token.token_id}
        empty={{ title: words.empty, hint: words.emptyHint }}
        columns={[
          { key: "name", label: words.name, render: (token) => token.name },
          { key: "created", label: words.created, render: (token) => <Ago at={token.created_at} /> },
          {
            key: "expires",
            label: words.expires,
            render: (token) => (token.expires_at === null ? words.never : <Day day={token.expires_at} />),
          },
          {
            key: "remove",
            label: text.common.actions,
            align: "end",
            render: (token) => (
              <Button size="small" aria-label={words.removeLabel(token.name)} onClick={() => setDeleting(token)}>
                {words.remove}
              </Button>
            ),
          },
        ]}
      />
      {adding && <CreateToken onClose={() => setAdding(false)} onIssued={setIssued} />}
      {deleting !== null && <DeleteToken token={deleting} onClose={() => setDeleting(null)} />}
    </Section>
  );
}

function CreateToken({ onClose, onIssued }: { onClose: () => void; onIssued: (token: IssuedToken) => void }) {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [lastDay, setLastDay] = useState("");
  const words = text.settings.tokens;
  return (
    <FormDialog
      title={words.addTitle}
      submitLabel={words.add}
      complete={name.trim() !== ""}
      onClose={onClose}
      onSubmit={async () => {
        const end = lastDay === "" ? {} : { expires_at: endOfDay(lastDay) };
        onIssued(await create.mutateAsync({ name: name.trim(), ...end }));
        onClose();
      }}
    >
      <Field label={words.name} hint={words.nameHint} required>
        <Input autoComplete="off" value={name} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={words.expiresLabel} hint={words.expiresHint}>
        <Input type="date" value={lastDay} onChange={(_, data) => setLastDay(data.value)} />
      </Field>
    </FormDialog>
  );
}

function DeleteToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const remove = useDeleteToken();
  const notify = useNotify();
  const words = text.settings.tokens;
  return (
    <ConfirmDialog
      open
      danger
      onClose={onClose}
      title={words.removeTitle(token.name)}
      confirmLabel={words.remove}
      onConfirm={async () => {
        await remove.mutateAsync({ token_id: token.token_id });
        notify.done(words.removed(token.name));
      }}
    >
      {words.removeWhat}
    </ConfirmDialog>
  );
}
