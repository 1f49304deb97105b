import { AppLink } from "../components/AppLink";
import { EmptyState } from "../components/EmptyState";
import { paths } from "../paths";
import { text } from "../text";

export function NotFound() {
  return (
    <EmptyState
      title={text.frame.notFound}
      hint={text.frame.notFoundHint}
      action={<AppLink href={paths.overview()}>{text.frame.toOverview}</AppLink>}
    />
  );
}
