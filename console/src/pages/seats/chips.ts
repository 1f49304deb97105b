import { text } from "../../text";

/** The filters of the seats' page, as the API's query takes them. */
export const KEYS = ["kind", "justification", "account", "min_idle_days", "department", "q", "sku_id"] as const;
export type Key = (typeof KEYS)[number];
type Values = Partial<Record<Key, string | string[]>>;

export interface Preset {
  key: string;
  label: string;
  values: Partial<Record<Key, string>>;
}

/** What a chip takes hold of: choosing one sets these and no other of them. */
const HELD: readonly Key[] = ["kind", "justification", "account", "min_idle_days"];

/** The selections people make most, one click each. */
export const PRESETS: readonly Preset[] = [
  { key: "idle90", label: text.seats.chips.idle90, values: { kind: "idle", min_idle_days: "90" } },
  { key: "disabled", label: text.seats.chips.disabled, values: { kind: "idle", account: "disabled" } },
  { key: "leavers", label: text.seats.chips.leavers, values: { kind: "idle", justification: "leaver" } },
  { key: "needsPerson", label: text.seats.chips.needsPerson, values: { kind: "needs_person" } },
];

/** Whether the address says exactly this, whatever else (search, department) narrows it. */
export function isOn(preset: Preset, values: Values): boolean {
  return HELD.every((key) => ([values[key] ?? ""].flat()[0] ?? "") === (preset.values[key] ?? ""));
}

/** What to change in the address: the chip's filters, or none of them when it was on. */
export function toggled(preset: Preset, values: Values): Partial<Record<Key, string>> {
  const on = isOn(preset, values);
  return Object.fromEntries(HELD.map((key) => [key, on ? "" : (preset.values[key] ?? "")]));
}
