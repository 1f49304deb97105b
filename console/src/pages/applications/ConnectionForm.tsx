import { Button, Field, Input, Radio, RadioGroup, Select, Textarea } from "@fluentui/react-components";
import { useRef, useState } from "react";
import { useSaveConnection } from "../../api/hooks/connections";
import type { Connection, PurposeName } from "../../api/types";
import { FormDialog } from "../../components/FormDialog";
import { useNotify } from "../../components/notify";
import { text } from "../../text";
import { type ConnectionDraft, entryOf, isComplete, LARGEST_PEM } from "./entry";

const KINDS = ["certificate", "client_secret", "authorization_code"] as const;

interface ConnectionFormProps {
  tenantId: string;
  purpose: PurposeName;
  before: Connection | undefined;
  onClose: () => void;
}

/** Enters how a connection signs in; it is checked as soon as it is saved. */
export function ConnectionForm({ tenantId, purpose, before, onClose }: ConnectionFormProps) {
  const save = useSaveConnection(tenantId);
  const notify = useNotify();
  const [draft, setDraft] = useState<ConnectionDraft>({
    kind: KINDS.find((kind) => kind === before?.kind) ?? "certificate",
    clientId: before?.client_id ?? "",
    secret: "",
    endsOn: "",
    pem: "",
    algorithm: "PS256",
  });
  const change = (part: Partial<ConnectionDraft>) => setDraft((known) => ({ ...known, ...part }));
  const words = text.connections;
  const { name } = words.purposes[purpose];
  const signsIn = draft.kind === "authorization_code";
  return (
    <FormDialog
      title={words.dialog.title(name)}
      submitLabel={signsIn ? words.dialog.saveSignIn : words.dialog.save}
      complete={isComplete(draft)}
      onClose={onClose}
      onSubmit={async () => {
        const saved = await save.mutateAsync({ purpose, entry: entryOf(draft) });
        if (!signsIn) {
          notify.done(saved.last_check?.signs_in === true ? words.works(name) : words.worksNot(name));
        }
        onClose();
      }}
    >
      <Field label={words.dialog.kindLabel} hint={words.dialog.kindHints[draft.kind]}>
        <RadioGroup value={draft.kind} onChange={(_, data) => change({ kind: data.value as ConnectionDraft["kind"] })}>
          {KINDS.map((kind) => (
            <Radio key={kind} value={kind} label={words.kinds[kind]} />
          ))}
        </RadioGroup>
      </Field>
      <Field label={words.dialog.client} hint={words.dialog.clientHint} required>
        <Input autoComplete="off" value={draft.clientId} onChange={(_, data) => change({ clientId: data.value })} />
      </Field>
      {draft.kind === "certificate" ? (
        <CertificateFields draft={draft} change={change} />
      ) : (
        <SecretFields draft={draft} change={change} />
      )}
    </FormDialog>
  );
}

interface FieldsProps {
  draft: ConnectionDraft;
  change: (part: Partial<ConnectionDraft>) => void;
}

function SecretFields({ draft, change }: FieldsProps) {
  const words = text.connections.dialog;
  const optional = draft.kind === "authorization_code";
  return (
    <>
      <Field label={optional ? words.secretOptional : words.secret} hint={words.secretHint} required={!optional}>
        <Input
          type="password"
          autoComplete="off"
          value={draft.secret}
          onChange={(_, data) => change({ secret: data.value })}
        />
      </Field>
      <Field label={words.ends} hint={words.endsHint}>
        <Input type="date" value={draft.endsOn} onChange={(_, data) => change({ endsOn: data.value })} />
      </Field>
    </>
  );
}

function CertificateFields({ draft, change }: FieldsProps) {
  const words = text.connections.dialog;
  const file = useRef<HTMLInputElement>(null);
  const [tooLarge, setTooLarge] = useState(false);
  return (
    <>
      <Field
        label={words.pem}
        hint={words.pemHint}
        validationMessage={tooLarge ? words.fileTooLarge : undefined}
        required
      >
        <Textarea
          autoComplete="off"
          spellCheck={false}
          resize="vertical"
          value={draft.pem}
          onChange={(_, data) => change({ pem: data.value })}
        />
      </Field>
      <div>
        <Button size="small" onClick={() => file.current?.click()}>
          {words.chooseFile}
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".pem,.crt,.key,.txt"
          aria-label={words.chooseFile}
          onChange={async (event) => {
            const chosen = event.currentTarget.files?.[0];
            setTooLarge(chosen !== undefined && chosen.size > LARGEST_PEM);
            if (chosen !== undefined && chosen.size <= LARGEST_PEM) {
              change({ pem: await chosen.text() });
            }
          }}
        />
      </div>
      <Field label={words.algorithm}>
        <Select
          value={draft.algorithm}
          onChange={(_, data) => change({ algorithm: data.value === "RS256" ? "RS256" : "PS256" })}
        >
          <option value="PS256">{words.ps256}</option>
          <option value="RS256">{words.rs256}</option>
        </Select>
      </Field>
    </>
  );
}
