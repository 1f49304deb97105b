import { PageHeader } from "../../components/PageHeader";
import { paths } from "../../paths";
import { text } from "../../text";
import { SeatList } from "./SeatList";

/** Seats of every license type. */
export function SeatsPage() {
  return (
    <>
      <PageHeader
        title={text.seats.title}
        lead={text.seats.lead}
        parent={{ label: text.seats.skus.title, href: paths.skus() }}
      />
      <SeatList title={text.seats.title} />
    </>
  );
}
