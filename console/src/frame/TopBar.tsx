import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { Navigation20Regular } from "@fluentui/react-icons";
import { lazy, Suspense, useState } from "react";
import type { Source } from "../api/types";
import { AppLink } from "../components/AppLink";
import { paths } from "../paths";
import { text } from "../text";
import { AccountMenu } from "./AccountMenu";
import { FreezeButton } from "./FreezeButton";
import { Freshness } from "./Freshness";
import { useSession } from "./session";

// Only narrow screens need it, once it is opened.
const NavigationDrawer = lazy(() =>
  import("./NavigationDrawer").then((module) => ({ default: module.NavigationDrawer })),
);

const useStyles = makeStyles({
  bar: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalS,
    // Its menu hangs over the page.
    position: "relative",
    zIndex: 5,
    height: "48px",
    boxSizing: "border-box",
    padding: `0 ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 639px)": { padding: `0 ${tokens.spacingHorizontalS}` },
  },
  toggle: { "@media (min-width: 900px)": { display: "none" } },
  product: { fontWeight: tokens.fontWeightBold, fontSize: tokens.fontSizeBase400, color: tokens.colorBrandForeground1 },
  tenant: {
    minWidth: 0,
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    color: tokens.colorNeutralForeground2,
    flex: "0 1 auto",
  },
  space: { flex: "1 1 0" },
});

export function TopBar({ sources }: { sources: Source[] }) {
  const styles = useStyles();
  const { tenant } = useSession();
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  return (
    <header className={styles.bar}>
      <Button
        className={styles.toggle}
        appearance="subtle"
        icon={<Navigation20Regular />}
        aria-label={text.frame.openNavigation}
        onClick={() => {
          setAsked(true);
          setOpen(true);
        }}
      />
      {asked && (
        <Suspense fallback={null}>
          <NavigationDrawer open={open} onClose={() => setOpen(false)} />
        </Suspense>
      )}
      <AppLink href={paths.overview()} plain className={styles.product}>
        {text.common.product}
      </AppLink>
      <span
        className={styles.tenant}
        title={tenant.single_operator ? text.frame.singleOperatorTitle : tenant.tenant_id}
      >
        {tenant.name}
        {tenant.single_operator && ` · ${text.frame.singleOperator}`}
      </span>
      <span className={styles.space} />
      {sources.length > 0 && <Freshness sources={sources} />}
      <FreezeButton />
      <AccountMenu />
    </header>
  );
}
