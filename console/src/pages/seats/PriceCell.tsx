import { Button } from "@fluentui/react-components";
import { lazy, Suspense, useState } from "react";
import type { Amounts as AmountsByCurrency, Sku } from "../../api/types";
import { Amounts } from "../../components/Amounts";
import { useMay } from "../../frame/session";
import { text } from "../../text";

const PriceDialog = lazy(() => import("./PriceDialog").then((module) => ({ default: module.PriceDialog })));

/** An amount that follows from the price; without a price it says so, never zero. */
export function PricedAmount({ sku, amounts }: { sku: Sku; amounts: AmountsByCurrency | null }) {
  const words = text.seats.skus;
  return <Amounts amounts={amounts} unknown={sku.is_free ? words.freeOfCharge : words.noPrice} />;
}

/** Enters or changes the price, for whoever may. */
export function PriceButton({ sku, size = "small" }: { sku: Sku; size?: "small" | "medium" }) {
  const [open, setOpen] = useState(false);
  const may = useMay("manage_prices");
  const words = text.seats.skus;
  if (!may || sku.is_free) {
    return null;
  }
  const fresh = sku.price === null;
  return (
    <>
      <Button
        size={size}
        aria-label={fresh ? words.enterPriceOf(sku.name) : words.changePriceOf(sku.name)}
        onClick={() => setOpen(true)}
      >
        {fresh ? words.enterPrice : words.changePrice}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <PriceDialog sku={sku} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
