import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { lazy, Suspense, useState } from "react";
import { text } from "../text";
import { initialsOf } from "./initials";
import { useSession } from "./session";

// The menu is fetched when it is first asked for; until then its button looks the same.
const OpenAccountMenu = lazy(() => import("./OpenAccountMenu").then((module) => ({ default: module.OpenAccountMenu })));

export function AccountMenu() {
  const [asked, setAsked] = useState(false);
  const { account } = useSession();
  const button = (
    <Button
      appearance="subtle"
      shape="circular"
      aria-haspopup="menu"
      aria-label={text.frame.account.menu(account.name)}
      icon={<Initials name={account.name} />}
      onClick={() => setAsked(true)}
    />
  );
  return asked ? (
    <Suspense fallback={button}>
      <OpenAccountMenu />
    </Suspense>
  ) : (
    button
  );
}

const useStyles = makeStyles({
  circle: {
    display: "grid",
    placeItems: "center",
    // Fluent's place for a button's icon is narrower.
    flex: "0 0 28px",
    height: "28px",
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
  },
});

export function Initials({ name }: { name: string }) {
  const styles = useStyles();
  return (
    <span aria-hidden className={styles.circle}>
      {initialsOf(name)}
    </span>
  );
}
