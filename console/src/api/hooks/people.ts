import { useQuery } from "@tanstack/react-query";
import { answerOf, type Filters, http, queryOf } from "../client";
import type { Person } from "../types";
import { type ListState, useList } from "./list";

export function usePeople(filters: Filters): ListState<Person> {
  return useList(["people", filters], (cursor) =>
    answerOf(http.GET("/api/v1/people", { params: { query: queryOf<"/api/v1/people">(filters, cursor) } })),
  );
}

export function usePerson(userId: string) {
  return useQuery({
    queryKey: ["people", userId],
    queryFn: () => answerOf(http.GET("/api/v1/people/{user_id}", { params: { path: { user_id: userId } } })),
  });
}
