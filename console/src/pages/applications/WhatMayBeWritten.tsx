import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Switch,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import { useChangeWriteSettings, useWriteSettings } from "../../api/hooks/connections";
import type { WriteSettings } from "../../api/types";
import { ConfirmDialog } from "../../components/ConfirmDialog";
import { Fact, Facts } from "../../components/Facts";
import { Loaded } from "../../components/PageStates";
import { useMay } from "../../frame/session";
import { text } from "../../text";
import { WindowsForm } from "./WindowsForm";
import { daysText } from "./windows";

const useStyles = makeStyles({
  stack: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: tokens.spacingVerticalM },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", justifyContent: "space-between" },
  name: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  what: { margin: 0, color: tokens.colorNeutralForeground2, maxWidth: "75ch" },
  windows: { margin: 0, paddingLeft: 0, listStyleType: "none" },
});

interface PartProps {
  tenantId: string;
  settings: WriteSettings;
}

/** Whether people may be taken out of groups, and when writes may start at all. */
export function WhatMayBeWritten({ tenantId }: { tenantId: string }) {
  const styles = useStyles();
  const settings = useWriteSettings(tenantId);
  return (
    <Loaded query={settings}>
      {(known) => (
        <div className={styles.stack}>
          {known.waits_because !== null && (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>
                <MessageBarTitle>{text.writes.waits}</MessageBarTitle>
                {known.waits_because}
              </MessageBarBody>
            </MessageBar>
          )}
          <GroupRemoval tenantId={tenantId} settings={known} />
          <Windows tenantId={tenantId} settings={known} />
        </div>
      )}
    </Loaded>
  );
}

function GroupRemoval({ tenantId, settings }: PartProps) {
  const styles = useStyles();
  const may = useMay("administer");
  const change = useChangeWriteSettings(tenantId);
  const [asking, setAsking] = useState(false);
  const words = text.writes;
  const on = settings.group_removal;
  return (
    <div>
      <div className={styles.head}>
        <h3 className={styles.name}>{words.group}</h3>
        <Switch
          aria-label={words.groupEnable}
          label={on ? words.groupOn : words.groupOff}
          labelPosition="before"
          checked={on}
          disabled={!may}
          title={may ? undefined : words.mayNot}
          onChange={() => setAsking(true)}
        />
      </div>
      <p className={styles.what}>{words.groupWhat}</p>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={on ? words.offTitle : words.groupTitle}
        confirmLabel={on ? words.offConfirm : words.groupConfirm}
        danger={!on}
        onConfirm={() => change.mutateAsync({ version: settings.version, group_removal: !on })}
      >
        {on ? words.offConsequence : words.groupConsequence}
      </ConfirmDialog>
    </div>
  );
}

function Windows({ tenantId, settings }: PartProps) {
  const styles = useStyles();
  const may = useMay("administer");
  const [open, setOpen] = useState(false);
  const words = text.writes;
  return (
    <div className={styles.stack}>
      <h3 className={styles.name}>{words.windows}</h3>
      <Facts>
        <Fact name={words.start}>
          {settings.windows.length === 0 ? (
            words.anyTime
          ) : (
            <ul className={styles.windows}>
              {settings.windows.map((window) => {
                const said = words.window(daysText(window.days), window.from, window.until);
                return <li key={said}>{said}</li>;
              })}
            </ul>
          )}
        </Fact>
        <Fact name={words.zone}>{settings.time_zone}</Fact>
      </Facts>
      <div>
        <Button size="small" disabled={!may} title={may ? undefined : words.mayNot} onClick={() => setOpen(true)}>
          {words.edit}
        </Button>
      </div>
      {open && <WindowsForm tenantId={tenantId} settings={settings} onClose={() => setOpen(false)} />}
    </div>
  );
}
