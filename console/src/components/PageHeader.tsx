import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect } from "react";
import { text } from "../text";
import { AppLink } from "./AppLink";

const useStyles = makeStyles({
  header: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "flex-end",
    justifyContent: "space-between",
    gap: tokens.spacingVerticalM,
    marginBottom: tokens.spacingVerticalL,
  },
  words: { minWidth: 0, flex: "1 1 320px" },
  crumbs: {
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
    marginBottom: tokens.spacingVerticalXXS,
  },
  title: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
  },
  heading: {
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
    margin: 0,
    overflowWrap: "anywhere",
  },
  lead: { margin: 0, marginTop: tokens.spacingVerticalXXS, color: tokens.colorNeutralForeground2, maxWidth: "75ch" },
  actions: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalS },
});

interface PageHeaderProps {
  title: string;
  /** One sentence: what this page answers. */
  lead?: ReactNode;
  /** The page above, when there is one. */
  parent?: { label: string; href: string };
  /** Beside the title: a state. */
  badge?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, lead, parent, badge, actions }: PageHeaderProps) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · ${text.common.product}`;
  }, [title]);
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        {parent !== undefined && (
          <div className={styles.crumbs}>
            <AppLink href={parent.href}>{parent.label}</AppLink> /
          </div>
        )}
        <div className={styles.title}>
          <h1 className={styles.heading}>{title}</h1>
          {badge}
        </div>
        {lead !== undefined && <p className={styles.lead}>{lead}</p>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}

const useSectionStyles = makeStyles({
  section: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalL}`,
    minWidth: 0,
    "@media (max-width: 639px)": { padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalM}` },
  },
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "baseline",
    justifyContent: "space-between",
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalM,
  },
  heading: {
    fontSize: tokens.fontSizeBase400,
    lineHeight: tokens.lineHeightBase400,
    fontWeight: tokens.fontWeightSemibold,
    margin: 0,
  },
});

interface SectionProps {
  title: string;
  actions?: ReactNode;
  /** Without the words on the page, where the page's own heading already says them. */
  quiet?: boolean;
  className?: string;
  children: ReactNode;
}

/** A panel of a page, with its own heading. */
export function Section({ title, actions, quiet = false, className, children }: SectionProps) {
  const styles = useSectionStyles();
  return (
    <section className={mergeClasses(styles.section, className)} aria-label={title}>
      {!(quiet && actions === undefined) && (
        <div className={styles.head}>
          {!quiet && <h2 className={styles.heading}>{title}</h2>}
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
