import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { AppLink } from "./AppLink";

const useStyles = makeStyles({
  tabs: {
    display: "flex",
    flexWrap: "wrap",
    gap: tokens.spacingHorizontalL,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    marginBottom: tokens.spacingVerticalL,
  },
  tab: {
    padding: `${tokens.spacingVerticalS} 0`,
    color: tokens.colorNeutralForeground2,
    marginBottom: "-1px",
    borderBottom: "2px solid transparent",
    ":hover": { textDecoration: "none", color: tokens.colorNeutralForeground1 },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderBottomColor: tokens.colorCompoundBrandStroke,
  },
});

interface LinkTabsProps {
  label: string;
  tabs: { label: string; href: string; current: boolean }[];
}

/** Parts of a page that have addresses of their own: links, so that back and bookmarks work. */
export function LinkTabs({ label, tabs }: LinkTabsProps) {
  const styles = useStyles();
  return (
    <nav aria-label={label} className={styles.tabs}>
      {tabs.map((tab) => (
        <AppLink
          key={tab.href}
          plain
          href={tab.href}
          aria-current={tab.current ? "page" : undefined}
          className={mergeClasses(styles.tab, tab.current && styles.current)}
        >
          {tab.label}
        </AppLink>
      ))}
    </nav>
  );
}
