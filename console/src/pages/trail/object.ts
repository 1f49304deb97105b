import { paths } from "../../paths";

/** Where the thing of an entry can be seen, when it has a page. */
export function objectHref(object: { kind: string; id: string }): string | null {
  switch (object.kind) {
    case "candidate":
      return paths.candidate(object.id);
    case "person":
      return paths.person(object.id);
    case "sku":
      return paths.sku(object.id);
    default:
      return null;
  }
}
