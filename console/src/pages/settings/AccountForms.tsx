import { Checkbox, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { useCreateAccount, useEditAccount } from "../../api/hooks/session";
import type { Account, RoleName } from "../../api/types";
import { FormDialog } from "../../components/FormDialog";
import { useNotify } from "../../components/notify";
import { text } from "../../text";

const ROLES: RoleName[] = ["license_manager", "approver", "admin", "reviewer", "auditor"];

const useStyles = makeStyles({
  roles: { display: "flex", flexDirection: "column", border: "none", margin: 0, padding: 0 },
  legend: { padding: 0 },
  hint: { display: "block", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface RolesFieldProps {
  roles: RoleName[];
  onChange: (roles: RoleName[]) => void;
}

function RolesField({ roles, onChange }: RolesFieldProps) {
  const styles = useStyles();
  const words = text.settings.accounts;
  return (
    <>
      <fieldset className={styles.roles}>
        <legend className={styles.legend}>{words.roles}</legend>
        {ROLES.map((role) => (
          <Checkbox
            key={role}
            checked={roles.includes(role)}
            onChange={(_, data) => onChange(data.checked ? [...roles, role] : roles.filter((one) => one !== role))}
            label={
              <>
                {text.common.roles[role]}
                <span className={styles.hint}>{words.roleHints[role]}</span>
              </>
            }
          />
        ))}
      </fieldset>
      <p className={styles.note}>{words.endsSingle}</p>
    </>
  );
}

export function AddAccount({ onClose }: { onClose: () => void }) {
  const create = useCreateAccount();
  const notify = useNotify();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [roles, setRoles] = useState<RoleName[]>([]);
  const words = text.settings.accounts;
  return (
    <FormDialog
      title={words.addTitle}
      submitLabel={words.add}
      complete={name.trim() !== "" && password !== "" && roles.length > 0}
      onClose={onClose}
      onSubmit={async () => {
        await create.mutateAsync({ name: name.trim(), password, roles });
        notify.done(words.added(name.trim()));
        onClose();
      }}
    >
      <Field label={words.name} required>
        <Input autoComplete="off" value={name} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field label={words.password} hint={words.passwordHint} required>
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(_, data) => setPassword(data.value)}
        />
      </Field>
      <RolesField roles={roles} onChange={setRoles} />
    </FormDialog>
  );
}

export function EditRoles({ account, onClose }: { account: Account; onClose: () => void }) {
  const edit = useEditAccount();
  const notify = useNotify();
  const [roles, setRoles] = useState<RoleName[]>(account.roles);
  const words = text.settings.accounts;
  return (
    <FormDialog
      title={words.editTitle(account.name)}
      submitLabel={text.common.save}
      complete={roles.length > 0}
      onClose={onClose}
      onSubmit={async () => {
        await edit.mutateAsync({ account, roles });
        notify.done(words.changed(account.name));
        onClose();
      }}
    >
      <RolesField roles={roles} onChange={setRoles} />
    </FormDialog>
  );
}
