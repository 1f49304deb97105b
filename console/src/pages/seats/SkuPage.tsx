import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { useSku } from "../../api/hooks/skus";
import type { Sku, SkuDetail } from "../../api/types";
import { PageHeader } from "../../components/PageHeader";
import { Loaded } from "../../components/PageStates";
import { StatTile } from "../../components/StatTile";
import { formatCount } from "../../format";
import { paths } from "../../paths";
import { text } from "../../text";
import { PriceButton, PricedAmount } from "./PriceCell";
import { priceText } from "./price";
import { SeatList } from "./SeatList";
import { CarryingGroups, Purchases } from "./SkuSources";

const useStyles = makeStyles({
  tiles: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(45%, 150px), 1fr))",
    gap: tokens.spacingHorizontalM,
    marginBottom: tokens.spacingVerticalL,
  },
  sources: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: tokens.spacingVerticalL,
    marginTop: tokens.spacingVerticalL,
  },
});

/** One license type and its seats. */
export function SkuPage() {
  const { skuId = "" } = useParams({ strict: false }) as { skuId?: string };
  const sku = useSku(skuId);
  return (
    <Loaded query={sku}>
      {(data) => (
        <>
          <Head sku={data} />
          <SeatList title={text.seats.title} skuId={skuId} />
          <Sources sku={data} />
        </>
      )}
    </Loaded>
  );
}

/** Where its seats come from, under the seats themselves: what is decided here comes first. */
function Sources({ sku }: { sku: SkuDetail }) {
  const styles = useStyles();
  return (
    <div className={styles.sources}>
      <Purchases sku={sku} />
      <CarryingGroups sku={sku} />
    </div>
  );
}

function Head({ sku }: { sku: Sku }) {
  const styles = useStyles();
  const words = text.seats.skus;
  return (
    <>
      <PageHeader
        title={sku.name}
        lead={sku.price === null ? sku.part_number : `${sku.part_number} · ${priceText(sku.price)}`}
        parent={{ label: words.title, href: paths.skus() }}
        badge={
          sku.capability_status !== "Enabled" && (
            <Badge appearance="tint" color="warning">
              {words.status(sku.capability_status)}
            </Badge>
          )
        }
        actions={<PriceButton sku={sku} size="medium" />}
      />
      <section className={styles.tiles} aria-label={words.table}>
        <StatTile label={words.purchased} value={formatCount(sku.purchased)} />
        <StatTile label={words.assigned} value={formatCount(sku.assigned)} href={paths.sku(sku.sku_id)} />
        <StatTile
          label={words.free}
          value={formatCount(sku.free)}
          note={sku.free < 0 ? words.overAssigned : undefined}
          tone={sku.free < 0 ? "danger" : "neutral"}
        />
        <StatTile
          label={words.idle}
          value={formatCount(sku.idle)}
          href={paths.sku(sku.sku_id, { kind: "idle" })}
          tone="recoverable"
        />
        <StatTile label={words.recoverable} value={<PricedAmount sku={sku} amounts={sku.recoverable} />} />
        <StatTile
          label={words.openCandidates}
          value={formatCount(sku.open_candidates)}
          href={paths.candidates({ sku_id: sku.sku_id })}
        />
      </section>
    </>
  );
}
