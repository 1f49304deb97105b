import { makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { useLocation } from "@tanstack/react-router";
import { useState } from "react";
import { useSessionQuery } from "../api/hooks/session";
import { ProblemMessage } from "../components/ProblemMessage";
import { Redirect } from "../components/Redirect";
import { paths } from "../paths";
import { text } from "../text";
import { Frame } from "./Frame";
import { SessionProvider } from "./session";

const useStyles = makeStyles({
  wait: {
    minHeight: "60vh",
    display: "grid",
    alignContent: "center",
    justifyItems: "center",
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalL,
  },
  product: { margin: 0, fontSize: tokens.fontSizeBase600, color: tokens.colorBrandForeground1 },
});

function ToSignIn() {
  const here = useLocation({ select: (location) => location.href });
  // Of the first moment: while the other page is fetched, the address is already its own.
  const [wanted] = useState(here);
  return <Redirect href={paths.signIn(wanted === paths.overview() ? undefined : wanted)} />;
}

/** Nobody sees a page of the frame without being signed in; after that they come to where they wanted to be. */
export function Gate() {
  const styles = useStyles();
  const session = useSessionQuery();
  if (session.data) {
    return (
      <SessionProvider session={session.data}>
        <Frame />
      </SessionProvider>
    );
  }
  if (session.data === null) {
    return <ToSignIn />;
  }
  return (
    <main className={styles.wait}>
      <h1 className={styles.product}>{text.common.product}</h1>
      {session.error === null ? (
        <Spinner label={text.common.loading} />
      ) : (
        <ProblemMessage error={session.error} onRetry={() => void session.refetch()} />
      )}
    </main>
  );
}
