import { AppLink } from "../components/AppLink";
import { PageHeader } from "../components/PageHeader";
import { paths } from "../paths";
import { text } from "../text";

export function NotFound() {
  return (
    <>
      <PageHeader title={text.frame.notFound} lead={text.frame.notFoundHint} />
      <AppLink href={paths.overview()}>{text.frame.toOverview}</AppLink>
    </>
  );
}
