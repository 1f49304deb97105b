import { useSkus } from "../../api/hooks/skus";
import { ChoiceFilter, FilterBar, TextFilter } from "../../components/FilterBar";
import type { useFilters } from "../../table/useFilters";
import { text } from "../../text";
import type { Key } from "./chips";

const IDLE_DAYS = [30, 60, 90, 180, 365];

/** Every filter of the seats, each in the address. */
export function SeatFilters({ filters, withSku }: { filters: ReturnType<typeof useFilters<Key>>; withSku: boolean }) {
  const words = text.seats.filters;
  const set = (key: Key) => (value: string) => filters.set({ [key]: value });
  return (
    <FilterBar active={filters.active} onClear={filters.clear}>
      <TextFilter label={words.search} value={filters.get("q")} onChange={set("q")} />
      {withSku && <SkuFilter value={filters.get("sku_id")} onChange={set("sku_id")} />}
      <ChoiceFilter
        label={words.kind}
        value={filters.get("kind")}
        onChange={set("kind")}
        options={[{ value: "", label: words.allKinds }, ...choices(text.people.kinds)]}
      />
      <ChoiceFilter
        label={words.justification}
        value={filters.get("justification")}
        onChange={set("justification")}
        options={[{ value: "", label: words.allJustifications }, ...choices(text.common.justifications)]}
      />
      <ChoiceFilter
        label={words.account}
        value={filters.get("account")}
        onChange={set("account")}
        options={[
          { value: "", label: words.accounts.all },
          { value: "enabled", label: words.accounts.enabled },
          { value: "disabled", label: words.accounts.disabled },
        ]}
      />
      <ChoiceFilter
        label={words.minIdle}
        value={filters.get("min_idle_days")}
        onChange={set("min_idle_days")}
        options={[
          { value: "", label: words.minIdleAny },
          ...IDLE_DAYS.map((days) => ({ value: String(days), label: words.days(days) })),
        ]}
      />
      <TextFilter label={words.department} value={filters.get("department")} onChange={set("department")} />
    </FilterBar>
  );
}

function choices(labels: Record<string, string>) {
  return Object.entries(labels).map(([value, label]) => ({ value, label }));
}

function SkuFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const words = text.seats.filters;
  const skus = useSkus().rows;
  return (
    <ChoiceFilter
      label={words.sku}
      value={value}
      onChange={onChange}
      options={[{ value: "", label: words.allSkus }, ...skus.map((sku) => ({ value: sku.sku_id, label: sku.name }))]}
    />
  );
}
