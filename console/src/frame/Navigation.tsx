import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useLocation } from "@tanstack/react-router";
import { AppLink } from "../components/AppLink";
import { paths } from "../paths";
import { text } from "../text";
import { entries } from "./pages";
import { useMay } from "./session";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: tokens.spacingHorizontalS, display: "grid", gap: "2px" },
  entry: {
    display: "flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    ":hover": {
      backgroundColor: tokens.colorNeutralBackground3Hover,
      color: tokens.colorNeutralForeground1,
      textDecoration: "none",
    },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandStroke}`,
  },
});

/** Whether the address is this page or something within it. */
export function isWithin(pathname: string, href: string): boolean {
  return href === paths.overview() ? pathname === href : pathname === href || pathname.startsWith(`${href}/`);
}

export function Navigation({ onGo }: { onGo?: () => void }) {
  const styles = useStyles();
  const { pathname } = useLocation();
  const mayRead = useMay("read");
  return (
    <nav aria-label={text.frame.navigation}>
      <ul className={styles.list}>
        {entries
          .filter((entry) => mayRead || entry.forEveryone)
          .map((entry) => {
            const current = isWithin(pathname, entry.href);
            return (
              <li key={entry.href}>
                <AppLink
                  plain
                  href={entry.href}
                  aria-current={current ? "page" : undefined}
                  className={mergeClasses(styles.entry, current && styles.current)}
                  onClick={onGo}
                >
                  {entry.icon}
                  {entry.label}
                </AppLink>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}
