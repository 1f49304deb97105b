import { makeStyles, tokens } from "@fluentui/react-components";

/** Below this a row is read as a card: each cell under the other, with its column's name. */
const NARROW = "@media (max-width: 719px)";

/**
 * The look of every table. The explicit roles in the markup keep it a table when it is laid out as cards,
 * so the linter's rule against roles that an element already has is off there.
 */
export const useTableStyles = makeStyles({
  scroll: { overflowX: "auto", maxWidth: "100%", [NARROW]: { overflowX: "visible" } },
  table: {
    width: "100%",
    borderCollapse: "separate",
    borderSpacing: 0,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    [NARROW]: { display: "block" },
  },
  head: { [NARROW]: { display: "none" } },
  sticky: { position: "sticky", top: 0, zIndex: 1, backgroundColor: tokens.colorNeutralBackground1 },
  body: { [NARROW]: { display: "block" } },
  headerCell: {
    textAlign: "start",
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
    whiteSpace: "nowrap",
    verticalAlign: "bottom",
  },
  row: {
    [NARROW]: {
      display: "block",
      position: "relative",
      padding: `${tokens.spacingVerticalS} 0`,
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
  },
  link: { cursor: "pointer", ":hover": { backgroundColor: tokens.colorSubtleBackgroundHover } },
  chosen: {
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    ":hover": { backgroundColor: tokens.colorSubtleBackgroundSelected },
  },
  cell: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalS}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    verticalAlign: "top",
    // Words stay whole, and a table that is still too wide scrolls; what may break anywhere says so itself.
    overflowWrap: "break-word",
    minWidth: "5em",
    [NARROW]: {
      overflowWrap: "anywhere",
      display: "grid",
      gridTemplateColumns: "minmax(7em, 2fr) 3fr",
      columnGap: tokens.spacingHorizontalS,
      borderBottom: "none",
      padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalS}`,
      textAlign: "start",
      "::before": {
        content: "attr(data-label)",
        color: tokens.colorNeutralForeground3,
        fontSize: tokens.fontSizeBase200,
      },
    },
  },
  /** Names are not cut letter by letter before there is no other way. */
  first: {
    minWidth: "11em",
    overflowWrap: "break-word",
    [NARROW]: { display: "block", minWidth: 0, "::before": { content: "none" } },
  },
  end: { textAlign: "end", fontVariantNumeric: "tabular-nums", [NARROW]: { textAlign: "start" } },
  choose: {
    width: "32px",
    minWidth: "32px",
    paddingRight: 0,
    [NARROW]: {
      display: "block",
      position: "absolute",
      top: 0,
      right: 0,
      width: "auto",
      padding: 0,
      "::before": { content: "none" },
    },
  },
  roomForChoose: { [NARROW]: { paddingRight: "40px" } },
  sort: {
    appearance: "none",
    backgroundColor: "transparent",
    border: "none",
    padding: 0,
    font: "inherit",
    color: "inherit",
    cursor: "pointer",
    display: "inline-flex",
    alignItems: "center",
    gap: tokens.spacingHorizontalXXS,
    borderRadius: tokens.borderRadiusSmall,
    ":hover": { color: tokens.colorNeutralForeground1 },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  foot: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalM,
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
});
