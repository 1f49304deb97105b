import { formatAge, formatDay, formatDayAge, formatMoment, UNKNOWN } from "../format";
import { useNow } from "./now";

/** A moment as its age ("3 minutes ago"); the exact time and zone when pointed at. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  if (!at) {
    return UNKNOWN;
  }
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {formatAge(at, now)}
    </time>
  );
}

/** A plain date as its age ("143 days ago"); the date when pointed at. */
export function DayAgo({ day }: { day: string | null | undefined }) {
  const now = useNow();
  if (!day) {
    return UNKNOWN;
  }
  return (
    <time dateTime={day} title={formatDay(day)}>
      {formatDayAge(day, now)}
    </time>
  );
}

/** A moment written out, for records. */
export function Moment({ at }: { at: string | null | undefined }) {
  return at ? <time dateTime={at}>{formatMoment(at)}</time> : UNKNOWN;
}

/** A plain date written out. */
export function Day({ day }: { day: string | null | undefined }) {
  return day ? <time dateTime={day}>{formatDay(day)}</time> : UNKNOWN;
}
