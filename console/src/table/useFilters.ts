import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

/** What the URL says after the question mark; a key that repeats is a list. */
export type Search = Record<string, string | string[]>;

/** The router's reading of a query: plain text, no JSON, so that links can be written by hand. */
export function parseSearch(text: string): Search {
  const search: Search = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = search[key];
    search[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return search;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") {
        params.append(key, String(one));
      }
    }
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

export interface Filters<Key extends string> {
  /** Only the named keys, as the API's query takes them. */
  values: Partial<Record<Key, string | string[]>>;
  /** One value of a key, or nothing. */
  get: (key: Key) => string;
  /** All values of a key. */
  all: (key: Key) => string[];
  /** Changes some keys; an empty value takes the key out. The address changes in place. */
  set: (change: Partial<Record<Key, string | string[]>>) => void;
  /** Takes all of them out. */
  clear: () => void;
  /** Whether any is set. */
  active: boolean;
}

/** The page's filters, kept in the URL: a reload, a bookmark and the back button all show the same rows. */
export function useFilters<Key extends string>(keys: readonly Key[]): Filters<Key> {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const values = useMemo(() => {
    const picked: Partial<Record<Key, string | string[]>> = {};
    for (const key of keys) {
      const value = search[key];
      if (value !== undefined && value.length > 0) {
        picked[key] = value;
      }
    }
    return picked;
  }, [search, keys]);
  const set = useCallback(
    (change: Partial<Record<Key, string | string[]>>) => {
      // The address stays; only its query is written anew.
      const next = { ...search, ...change } as Record<string, unknown>;
      void navigate({ href: window.location.pathname + stringifySearch(next), replace: true });
    },
    [navigate, search],
  );
  const all = (key: Key): string[] => [values[key] ?? []].flat();
  return {
    values,
    get: (key) => all(key)[0] ?? "",
    all,
    set,
    clear: () => set(Object.fromEntries(keys.map((key) => [key, ""])) as Partial<Record<Key, string>>),
    active: Object.keys(values).length > 0,
  };
}
