import { useQuery } from "@tanstack/react-query";
import { call, type QueryValues } from "../client";
import type { Person, PersonDetail } from "../types";
import { type ListState, useList } from "./list";

export function usePeople(filters: QueryValues): ListState<Person> {
  return useList<Person>("/people", filters);
}

export function usePerson(userId: string) {
  return useQuery({
    queryKey: ["/people", userId],
    queryFn: () => call<PersonDetail>("GET", `/people/${encodeURIComponent(userId)}`),
  });
}
