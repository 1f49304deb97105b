import { Button, Field, Input, Select } from "@fluentui/react-components";
import { useState } from "react";
import { useRemovePrice, useSetPrice } from "../../api/hooks/skus";
import type { Sku } from "../../api/types";
import { FormDialog } from "../../components/FormDialog";
import { useNotify } from "../../components/notify";
import { text } from "../../text";
import { FREQUENCIES, type Frequency, isAmount, isCurrency } from "./price";

/** What one seat costs; mounted while it is open. */
export function PriceDialog({ sku, onClose }: { sku: Sku; onClose: () => void }) {
  const words = text.seats.price;
  const [amount, setAmount] = useState(sku.price?.amount ?? "");
  const [currency, setCurrency] = useState(sku.price?.currency ?? "");
  const [frequency, setFrequency] = useState<Frequency>(sku.price?.payment_frequency ?? "monthly");
  const save = useSetPrice(sku.sku_id);
  const remove = useRemovePrice(sku.sku_id);
  const notify = useNotify();
  return (
    <FormDialog
      onClose={onClose}
      title={words.title(sku.name)}
      submitLabel={text.common.save}
      complete={isAmount(amount) && isCurrency(currency)}
      onSubmit={async () => {
        await save.mutateAsync({
          amount: amount.trim(),
          currency: currency.trim().toUpperCase(),
          payment_frequency: frequency,
        });
        notify.done(words.saved(sku.name));
        onClose();
      }}
    >
      <span>{words.what}</span>
      <Field
        label={words.amount}
        hint={words.amountHint}
        required
        validationMessage={amount !== "" && !isAmount(amount) ? words.amountWrong : undefined}
      >
        <Input inputMode="decimal" value={amount} onChange={(_, data) => setAmount(data.value)} />
      </Field>
      <Field
        label={words.currency}
        hint={words.currencyHint}
        required
        validationMessage={currency !== "" && !isCurrency(currency) ? words.currencyWrong : undefined}
      >
        <Input value={currency} maxLength={3} onChange={(_, data) => setCurrency(data.value)} />
      </Field>
      <Field label={words.frequency}>
        <Select value={frequency} onChange={(_, data) => setFrequency(data.value as Frequency)}>
          {FREQUENCIES.map((one) => (
            <option key={one} value={one}>
              {words.frequencies[one]}
            </option>
          ))}
        </Select>
      </Field>
      {sku.price !== null && (
        <div>
          <Button
            disabledFocusable={remove.isPending}
            onClick={() =>
              remove.mutate(undefined, {
                onSuccess: () => {
                  notify.done(words.removed(sku.name));
                  onClose();
                },
                onError: notify.failed,
              })
            }
          >
            {words.remove}
          </Button>
        </div>
      )}
    </FormDialog>
  );
}
