import { mergeClasses } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useTableStyles } from "./table-styles";

export interface Column<Row> {
  key: string;
  label: string;
  render: (row: Row) => ReactNode;
  /** Numbers and money stand at the end of their cell. */
  align?: "end";
}

interface SimpleTableProps<Row> {
  /** What the rows are, for those who don't see the heading. */
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** Shown instead of the table when there are no rows. */
  empty: string;
}

/** A few rows of a record, all of them at hand. Lists that are read page by page use `DataTable`. */
export function SimpleTable<Row>({ label, columns, rows, rowKey, empty }: SimpleTableProps<Row>) {
  const styles = useTableStyles();
  if (rows.length === 0) {
    return <p>{empty}</p>;
  }
  return (
    <div className={styles.scroll}>
      <table role="table" aria-label={label} className={styles.table}>
        <thead role="rowgroup" className={styles.head}>
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.key}
                role="columnheader"
                scope="col"
                className={mergeClasses(styles.headerCell, column.align === "end" && styles.end)}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={styles.body}>
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" className={styles.row}>
              {columns.map((column, index) => (
                <td
                  key={column.key}
                  role="cell"
                  data-label={column.label}
                  className={mergeClasses(
                    styles.cell,
                    column.align === "end" && styles.end,
                    index === 0 && styles.first,
                  )}
                >
                  <div>{column.render(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
