import { Button, Field, Input } from "@fluentui/react-components";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useSessionQuery, useSetup, useSignIn } from "../../api/hooks/session";
import { asProblem } from "../../api/problem";
import { ProblemMessage } from "../../components/ProblemMessage";
import { Redirect } from "../../components/Redirect";
import { paths } from "../../paths";
import type { Search } from "../../table/useFilters";
import { text } from "../../text";
import { Card, useFormStyles } from "./Card";
import { safeNext } from "./next";

export function SignInPage() {
  const styles = useFormStyles();
  const setup = useSetup();
  const session = useSessionQuery();
  const signIn = useSignIn();
  const next = safeNext((useSearch({ strict: false }) as Search).next);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const words = text.signIn;
  if (session.data) {
    return <Redirect href={next} />;
  }
  if (setup.data?.needs_bootstrap === true) {
    return <Redirect href={paths.setup()} />;
  }
  const refused = signIn.error !== null && asProblem(signIn.error).code === "unauthenticated";
  return (
    <Card title={words.title}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate({ name: name.trim(), password });
        }}
      >
        <Field label={words.name} required>
          <Input autoFocus autoComplete="username" value={name} onChange={(_, data) => setName(data.value)} />
        </Field>
        <Field label={words.password} required validationMessage={refused ? words.failed : undefined}>
          <Input
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(_, data) => setPassword(data.value)}
          />
        </Field>
        {signIn.error !== null && !refused && <ProblemMessage error={signIn.error} />}
        {setup.error !== null && <ProblemMessage error={setup.error} onRetry={() => void setup.refetch()} />}
        <Button type="submit" appearance="primary" disabled={signIn.isPending || name.trim() === "" || password === ""}>
          {words.submit}
        </Button>
      </form>
      {setup.data?.demo === true && <p className={styles.text}>{words.demoHint}</p>}
      {setup.data !== undefined && <p className={styles.small}>{words.version(setup.data.version)}</p>}
    </Card>
  );
}
