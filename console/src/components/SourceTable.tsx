import { Badge } from "@fluentui/react-components";
import type { Source } from "../api/types";
import { formatCount, formatSpan } from "../format";
import { text } from "../text";
import { SimpleTable } from "./SimpleTable";
import { Ago } from "./When";

/** Each source: how many rows, how old, how old it may be. */
export function SourceTable({ sources }: { sources: Source[] }) {
  const words = text.overview;
  return (
    <SimpleTable
      label={words.sources}
      rows={sources}
      rowKey={(source) => source.source}
      empty={words.sourcesEmpty}
      columns={[
        { key: "name", label: words.sourceName, render: (source) => source.label },
        {
          key: "state",
          label: words.sourceState,
          render: (source) => <SourceState source={source} />,
        },
        { key: "rows", label: words.sourceRows, align: "end", render: (source) => formatCount(source.rows) },
        { key: "read", label: words.sourceRead, render: (source) => <Ago at={source.as_of} /> },
        {
          key: "limit",
          label: words.sourceLimit,
          render: (source) => formatSpan(source.limit_hours === null ? null : source.limit_hours * 3600),
        },
      ]}
    />
  );
}

function SourceState({ source }: { source: Source }) {
  const words = text.overview;
  if (source.problem !== null) {
    return <span>{source.problem}</span>;
  }
  if (source.as_of === null) {
    return (
      <Badge appearance="tint" color="warning">
        {words.sourceNever}
      </Badge>
    );
  }
  return source.stale ? (
    <Badge appearance="tint" color="danger">
      {words.sourceOld}
    </Badge>
  ) : (
    <Badge appearance="tint" color="success">
      {words.sourceFresh}
    </Badge>
  );
}
