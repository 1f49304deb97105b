import { makeStyles, tokens } from "@fluentui/react-components";
import { type ReactNode, useEffect } from "react";
import { text } from "../../text";

const useStyles = makeStyles({
  page: {
    minHeight: "100vh",
    boxSizing: "border-box",
    display: "grid",
    placeItems: "center",
    padding: tokens.spacingHorizontalM,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  card: {
    width: "100%",
    maxWidth: "440px",
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    gap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalXXL,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow16,
    "@media (max-width: 479px)": { padding: tokens.spacingHorizontalL },
  },
  heading: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
});

/** The page around the frame's door: one card. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  useEffect(() => {
    document.title = `${title} · ${text.common.product}`;
  }, [title]);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <h1 className={styles.heading}>{title}</h1>
        {children}
      </div>
    </main>
  );
}

export const useFormStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalL },
  small: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  text: { margin: 0, color: tokens.colorNeutralForeground2 },
  choice: { alignItems: "flex-start" },
});
