import { Button, Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";
import { useBootstrap, useSessionQuery, useSetup } from "../../api/hooks/session";
import { asProblem, type Problem } from "../../api/problem";
import { Loaded } from "../../components/PageStates";
import { ProblemMessage } from "../../components/ProblemMessage";
import { Redirect } from "../../components/Redirect";
import { paths } from "../../paths";
import { text } from "../../text";
import { Card, useFormStyles } from "./Card";

/** The first account: with the one-time code that the server printed when it started. */
export function SetupPage() {
  const setup = useSetup();
  const session = useSessionQuery();
  if (session.data) {
    return <Redirect href={paths.overview()} />;
  }
  return (
    <Card title={text.signIn.setup.title}>
      <Loaded query={setup}>
        {(data) => (data.needs_bootstrap ? <SetupForm /> : <Redirect href={paths.signIn()} />)}
      </Loaded>
    </Card>
  );
}

function SetupForm() {
  const styles = useFormStyles();
  const bootstrap = useBootstrap();
  const [code, setCode] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [who, setWho] = useState("several");
  const words = text.signIn.setup;
  const problem = bootstrap.error === null ? null : asProblem(bootstrap.error);
  const complete = code.trim() !== "" && name.trim() !== "" && password !== "";
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        bootstrap.mutate({ code: code.trim(), name: name.trim(), password, single_operator: who === "single" });
      }}
    >
      <p className={styles.text}>{words.intro}</p>
      <Field label={words.code} required validationMessage={fieldMessage(problem, "code")}>
        <Input autoFocus autoComplete="one-time-code" value={code} onChange={(_, data) => setCode(data.value)} />
      </Field>
      <Field label={words.name} required validationMessage={fieldMessage(problem, "name")}>
        <Input autoComplete="username" value={name} onChange={(_, data) => setName(data.value)} />
      </Field>
      <Field
        label={words.password}
        hint={words.passwordHint}
        required
        validationMessage={fieldMessage(problem, "password")}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(_, data) => setPassword(data.value)}
        />
      </Field>
      <Field label={words.who}>
        <RadioGroup value={who} onChange={(_, data) => setWho(data.value)}>
          <Radio value="several" label={<Choice title={words.several} hint={words.severalHint} />} />
          <Radio value="single" label={<Choice title={words.single} hint={words.singleHint} />} />
        </RadioGroup>
      </Field>
      {problem !== null && problem.field === null && <ProblemMessage error={problem} />}
      <Button type="submit" appearance="primary" disabled={!complete || bootstrap.isPending}>
        {words.submit}
      </Button>
    </form>
  );
}

function fieldMessage(problem: Problem | null, field: string): string | undefined {
  return problem?.field === field ? (problem.detail ?? problem.title) : undefined;
}

function Choice({ title, hint }: { title: string; hint: string }) {
  const styles = useFormStyles();
  return (
    <>
      <strong>{title}</strong>
      <p className={styles.small}>{hint}</p>
    </>
  );
}
