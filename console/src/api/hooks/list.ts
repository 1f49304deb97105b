import { useInfiniteQuery } from "@tanstack/react-query";
import type { Amounts } from "../types";

interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
  total?: number | null;
  recoverable?: Amounts | null;
}

/** A list as the tables show it: the rows read so far, and how to read on. */
export interface ListState<Row> {
  rows: Row[];
  /** What the server counted under the filter, when it counts. */
  total: number | null;
  recoverable: Amounts | null;
  loading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  loadMore: () => void;
  loadingMore: boolean;
}

/** A list read page by page; `key` names it, with its filters. */
export function useList<Row>(
  key: readonly unknown[],
  readPage: (cursor: string | null) => Promise<Page<Row>>,
  options: { refetchInterval?: number } = {},
): ListState<Row> {
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => readPage(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    ...options,
  });
  const first = list.data?.pages[0];
  return {
    rows: list.data?.pages.flatMap((page) => page.items) ?? [],
    total: first?.total ?? null,
    recoverable: first?.recoverable ?? null,
    loading: list.isPending,
    // Rows that are already there stay on the page when a refresh fails.
    error: list.data === undefined ? list.error : null,
    retry: () => void list.refetch(),
    hasMore: list.hasNextPage,
    loadMore: () => void list.fetchNextPage(),
    loadingMore: list.isFetchingNextPage,
  };
}
