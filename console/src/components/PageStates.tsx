import { makeStyles, Skeleton, SkeletonItem, tokens } from "@fluentui/react-components";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { NotFound } from "../frame/NotFound";
import { text } from "../text";
import { ProblemMessage } from "./ProblemMessage";

const useStyles = makeStyles({
  skeleton: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

export function PageSkeleton({ lines = 6 }: { lines?: number }) {
  const styles = useStyles();
  return (
    <Skeleton aria-label={text.common.loading} className={styles.skeleton}>
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <SkeletonItem key={index} size={index === 0 ? 32 : 16} />
      ))}
    </Skeleton>
  );
}

interface LoadedProps<Data> {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
  skeleton?: ReactNode;
}

/** Shows the data of one query, or that it loads, is not there, or went wrong. */
export function Loaded<Data>({ query, children, skeleton = <PageSkeleton /> }: LoadedProps<Data>) {
  if (query.data !== undefined) {
    return children(query.data);
  }
  if (query.error !== null) {
    return asProblem(query.error).code === "not_found" ? (
      <NotFound />
    ) : (
      <ProblemMessage error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return skeleton;
}
