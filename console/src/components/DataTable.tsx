import { Button, Checkbox, mergeClasses, Skeleton, SkeletonItem } from "@fluentui/react-components";
import { ArrowSortDown16Regular, ArrowSortUp16Regular } from "@fluentui/react-icons";
import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from "react";
import type { ListState } from "../api/hooks/list";
import { text } from "../text";
import { AppLink, isForTheBrowser, useGo } from "./AppLink";
import { EmptyState, type EmptyStateProps } from "./EmptyState";
import { ProblemMessage } from "./ProblemMessage";
import type { Column } from "./SimpleTable";
import { rangeBetween } from "./selection";
import { useTableStyles } from "./table-styles";

export interface DataColumn<Row> extends Column<Row> {
  /** Sorts the rows; offered only when all of them are here, since the rest would be missing from the order. */
  compare?: (a: Row, b: Row) => number;
}

export interface Selection {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

interface DataTableProps<Row> {
  label: string;
  columns: DataColumn<Row>[];
  list: ListState<Row>;
  rowKey: (row: Row) => string;
  /** Names a row for its checkbox. */
  rowName?: (row: Row) => string;
  /** Makes the row a link; the first column carries it. */
  rowHref?: (row: Row) => string;
  empty: EmptyStateProps;
  selection?: Selection;
  /** Whether a row can be chosen at all. */
  canChoose?: (row: Row) => boolean;
}

const SKELETON_ROWS = 8;

/** A list read page by page: rows are links, several can be chosen, and it says when it loads, is empty or fails. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { list, empty } = props;
  const styles = useTableStyles();
  const [sort, setSort] = useState<{ key: string; down: boolean } | null>(null);
  const rows = useSorted(list, props.columns, sort);
  if (list.error !== null) {
    return <ProblemMessage error={list.error} onRetry={list.retry} />;
  }
  if (list.loading) {
    return <TableSkeleton />;
  }
  if (rows.length === 0) {
    return <EmptyState {...empty} />;
  }
  return (
    <>
      <div className={styles.scroll}>
        <table role="table" aria-label={props.label} className={styles.table}>
          <Head {...props} rows={rows} sort={sort} onSort={setSort} />
          <Body {...props} rows={rows} />
        </table>
      </div>
      <div className={styles.foot}>
        <span>{text.common.shown(rows.length, list.total)}</span>
        {list.hasMore && (
          <Button size="small" disabledFocusable={list.loadingMore} onClick={list.loadMore}>
            {list.loadingMore ? text.common.loading : text.common.loadMore}
          </Button>
        )}
      </div>
    </>
  );
}

type Sort = { key: string; down: boolean } | null;

function useSorted<Row>(list: ListState<Row>, columns: DataColumn<Row>[], sort: Sort): Row[] {
  const compare = columns.find((column) => column.key === sort?.key)?.compare;
  const { rows, hasMore } = list;
  const down = sort?.down ?? false;
  return useMemo(() => {
    if (compare === undefined || hasMore) {
      return rows;
    }
    return rows.toSorted((a, b) => (down ? compare(b, a) : compare(a, b)));
  }, [rows, hasMore, compare, down]);
}

interface HeadProps<Row> extends DataTableProps<Row> {
  rows: Row[];
  sort: Sort;
  onSort: (sort: Sort) => void;
}

function Head<Row>({ columns, list, rows, rowKey, selection, canChoose, sort, onSort }: HeadProps<Row>) {
  const styles = useTableStyles();
  const able = rows.filter((row) => canChoose?.(row) ?? true).map(rowKey);
  const count = able.filter((key) => selection?.chosen.has(key)).length;
  const chooseAll = () => {
    const others = [...(selection?.chosen ?? [])].filter((key) => !able.includes(key));
    selection?.onChange(new Set(count === able.length ? others : [...others, ...able]));
  };
  return (
    <thead role="rowgroup" className={mergeClasses(styles.head, styles.sticky)}>
      <tr role="row">
        {selection !== undefined && (
          <th role="columnheader" scope="col" className={mergeClasses(styles.headerCell, styles.choose)}>
            <Checkbox
              aria-label={text.common.selectAll}
              checked={count === 0 ? false : count === able.length ? true : "mixed"}
              disabled={able.length === 0}
              onChange={chooseAll}
            />
          </th>
        )}
        {columns.map((column) => {
          const sorted = sort?.key === column.key;
          const direction = sort?.down ? "descending" : "ascending";
          return (
            <th
              key={column.key}
              role="columnheader"
              scope="col"
              aria-sort={sorted ? direction : undefined}
              className={mergeClasses(styles.headerCell, column.align === "end" && styles.end)}
            >
              {column.compare === undefined || list.hasMore ? (
                column.label
              ) : (
                <button
                  type="button"
                  className={styles.sort}
                  onClick={() => onSort({ key: column.key, down: sorted ? !sort?.down : column.align === "end" })}
                >
                  {column.label}
                  {sorted && (sort?.down ? <ArrowSortDown16Regular /> : <ArrowSortUp16Regular />)}
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Body<Row>(props: DataTableProps<Row> & { rows: Row[] }) {
  const { columns, rows, rowKey, rowHref, selection, canChoose } = props;
  const styles = useTableStyles();
  const go = useGo();
  const anchor = useRef<string | null>(null);
  const choose = (key: string, withShift: boolean) => {
    if (selection === undefined) {
      return;
    }
    const keys = rows.filter((row) => canChoose?.(row) ?? true).map(rowKey);
    const on = !selection.chosen.has(key);
    const touched = withShift && anchor.current !== null ? rangeBetween(keys, anchor.current, key) : [key];
    anchor.current = key;
    const next = new Set(selection.chosen);
    for (const one of touched) {
      if (on) {
        next.add(one);
      } else {
        next.delete(one);
      }
    }
    selection.onChange(next);
  };
  return (
    <tbody role="rowgroup" className={styles.body} onKeyDown={moveBetweenRows}>
      {rows.map((row) => {
        const key = rowKey(row);
        const href = rowHref?.(row);
        const name = props.rowName?.(row) ?? key;
        const chosen = selection?.chosen.has(key) ?? false;
        return (
          <tr
            key={key}
            role="row"
            aria-selected={selection === undefined ? undefined : chosen}
            className={mergeClasses(styles.row, href !== undefined && styles.link, chosen && styles.chosen)}
            onClick={(event) => {
              if (href !== undefined && isForTheRow(event)) {
                go(href);
              }
            }}
          >
            {selection !== undefined && (
              <td role="cell" className={mergeClasses(styles.cell, styles.choose)}>
                <Checkbox
                  aria-label={text.common.selectRow(name)}
                  checked={chosen}
                  disabled={!(canChoose?.(row) ?? true)}
                  onChange={(event) => choose(key, (event.nativeEvent as unknown as PointerEvent).shiftKey === true)}
                />
              </td>
            )}
            {columns.map((column, index) => (
              <td
                key={column.key}
                role="cell"
                data-label={column.label}
                className={mergeClasses(
                  styles.cell,
                  column.align === "end" && styles.end,
                  index === 0 && styles.first,
                  index === 0 && selection !== undefined && styles.roomForChoose,
                )}
              >
                <div>
                  {index === 0 && href !== undefined ? (
                    <AppLink href={href} data-row-link="">
                      {column.render(row)}
                    </AppLink>
                  ) : (
                    column.render(row)
                  )}
                </div>
              </td>
            ))}
          </tr>
        );
      })}
    </tbody>
  );
}

/** A click on the row itself: not on something in it, not to mark text, not for a new tab. */
function isForTheRow(event: MouseEvent<HTMLElement>): boolean {
  const target = event.target as HTMLElement;
  if (target.closest("a, button, input, label, select, textarea") !== null || isForTheBrowser(event)) {
    return false;
  }
  return window.getSelection()?.toString() === "";
}

/** Arrow up and down go from one row's link to the next. */
function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") {
    return;
  }
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row-link]")];
  const here = links.indexOf(document.activeElement as HTMLElement);
  const next = here === -1 ? undefined : links[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (next !== undefined) {
    event.preventDefault();
    next.focus();
  }
}

function TableSkeleton() {
  return (
    <Skeleton aria-label={text.common.loading}>
      {Array.from({ length: SKELETON_ROWS }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <SkeletonItem key={index} size={24} style={{ margin: "12px 0" }} />
      ))}
    </Skeleton>
  );
}
