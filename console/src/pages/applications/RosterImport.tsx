import { Button } from "@fluentui/react-components";
import { ArrowUpload16Regular } from "@fluentui/react-icons";
import { useRef } from "react";
import { useImportRoster } from "../../api/hooks/applications";
import { useNotify } from "../../components/notify";
import { useMay } from "../../frame/session";
import { text } from "../../text";

/** Sends an HR file; what could not be read is listed under the execution log. */
export function RosterImport() {
  const may = useMay("sync");
  const input = useRef<HTMLInputElement>(null);
  const roster = useImportRoster();
  const notify = useNotify();
  const words = text.applications.roster;
  const send = async (file: File) => {
    try {
      const result = await roster.mutateAsync(await file.text());
      const aside = result.quarantined.length;
      notify.done(words.imported(result.accepted), aside === 0 ? {} : { body: words.quarantined(aside) });
    } catch (error) {
      notify.failed(error);
    }
  };
  return (
    <>
      <Button
        size="small"
        icon={<ArrowUpload16Regular />}
        disabled={!may}
        disabledFocusable={roster.isPending}
        title={may ? undefined : text.applications.mayNotSync}
        onClick={() => input.current?.click()}
      >
        {words.import}
      </Button>
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        hidden
        aria-label={words.choose}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file may be chosen again after it was corrected.
          event.target.value = "";
          if (file !== undefined) {
            void send(file);
          }
        }}
      />
    </>
  );
}
