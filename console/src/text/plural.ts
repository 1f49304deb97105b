import { formatCount } from "../format";

/** `1 seat`, `14 seats`. */
export function plural(count: number, one: string, other: string): string {
  return `${formatCount(count)} ${count === 1 ? one : other}`;
}
