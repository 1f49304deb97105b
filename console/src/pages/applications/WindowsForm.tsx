import { Button, Checkbox, Field, Input, makeStyles, tokens } from "@fluentui/react-components";
import { Add16Regular } from "@fluentui/react-icons";
import { useRef, useState } from "react";
import { useChangeWriteSettings } from "../../api/hooks/connections";
import type { ChangeWindow, WriteSettings } from "../../api/types";
import { FormDialog } from "../../components/FormDialog";
import { useNotify } from "../../components/notify";
import { text } from "../../text";
import { DAYS, isWhole, USUAL, type WindowDraft, withDay } from "./windows";

const useStyles = makeStyles({
  lead: { margin: 0 },
  window: {
    display: "grid",
    gap: tokens.spacingVerticalS,
    margin: 0,
    minWidth: 0,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalM}`,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  legend: { padding: `0 ${tokens.spacingHorizontalXS}`, fontWeight: tokens.fontWeightSemibold },
  days: { display: "flex", flexWrap: "wrap", border: "none", margin: 0, padding: 0, minWidth: 0 },
  times: { display: "flex", flexWrap: "wrap", gap: tokens.spacingHorizontalM },
});

interface WindowsFormProps {
  tenantId: string;
  settings: WriteSettings;
  onClose: () => void;
}

/** When writes may start; mounted while it is open. */
export function WindowsForm({ tenantId, settings, onClose }: WindowsFormProps) {
  const styles = useStyles();
  const save = useChangeWriteSettings(tenantId);
  const notify = useNotify();
  const [zone, setZone] = useState(settings.time_zone);
  const [windows, setWindows] = useState<WindowDraft[]>(settings.windows.map((one, key) => ({ ...one, key })));
  const nextKey = useRef(settings.windows.length);
  const words = text.writes;
  const add = () => {
    const key = nextKey.current;
    nextKey.current += 1;
    setWindows((known) => [...known, { ...USUAL, key }]);
  };
  return (
    <FormDialog
      title={words.dialogTitle}
      submitLabel={text.common.save}
      complete={zone.trim() !== "" && windows.every(isWhole)}
      onClose={onClose}
      onSubmit={async () => {
        await save.mutateAsync({
          version: settings.version,
          time_zone: zone.trim(),
          windows: windows.map(({ days, from, until }) => ({ days, from, until })),
        });
        notify.done(words.saved);
        onClose();
      }}
    >
      <p className={styles.lead}>{words.dialogLead}</p>
      <Field label={words.zone} hint={words.zoneHint} required>
        <Input value={zone} onChange={(_, data) => setZone(data.value)} />
      </Field>
      {windows.map((window, index) => (
        <OneWindow
          key={window.key}
          number={index + 1}
          window={window}
          onChange={(part) =>
            setWindows((known) => known.map((one) => (one.key === window.key ? { ...one, ...part } : one)))
          }
          onRemove={() => setWindows((known) => known.filter((one) => one.key !== window.key))}
        />
      ))}
      <div>
        <Button size="small" icon={<Add16Regular />} onClick={add}>
          {words.addWindow}
        </Button>
      </div>
    </FormDialog>
  );
}

interface OneWindowProps {
  number: number;
  window: ChangeWindow;
  onChange: (part: Partial<ChangeWindow>) => void;
  onRemove: () => void;
}

function OneWindow({ number, window, onChange, onRemove }: OneWindowProps) {
  const styles = useStyles();
  const words = text.writes;
  return (
    <fieldset className={styles.window}>
      <legend className={styles.legend}>{words.windowName(number)}</legend>
      <fieldset className={styles.days} aria-label={words.days(number)}>
        {DAYS.map((day) => (
          <Checkbox
            key={day}
            label={words.weekdays[day]}
            checked={window.days.includes(day)}
            onChange={(_, data) => onChange({ days: withDay(window.days, day, data.checked === true) })}
          />
        ))}
      </fieldset>
      <div className={styles.times}>
        <Field label={words.from} required>
          <Input type="time" value={window.from} onChange={(_, data) => onChange({ from: data.value })} />
        </Field>
        <Field label={words.until} hint={words.untilHint} required>
          <Input type="time" value={window.until} onChange={(_, data) => onChange({ until: data.value })} />
        </Field>
      </div>
      <div>
        <Button size="small" aria-label={words.removeWindow(number)} onClick={onRemove}>
          {text.connections.remove}
        </Button>
      </div>
    </fieldset>
  );
}
