import { LinkTabs } from "../../components/LinkTabs";
import { PageHeader } from "../../components/PageHeader";
import { useMay } from "../../frame/session";
import { paths } from "../../paths";
import { text } from "../../text";
import { Accounts } from "./Accounts";
import { Tokens } from "./Tokens";

/** Who may; for those who do not administer, only their own tokens. */
export function SettingsPage() {
  const may = useMay("administer");
  return <Settings part={may ? "accounts" : "tokens"} />;
}

export function TokensPage() {
  return <Settings part="tokens" />;
}

function Settings({ part }: { part: "accounts" | "tokens" }) {
  const may = useMay("administer");
  const words = text.settings;
  const tabs = [
    { label: words.tabs.accounts, href: paths.settings(), current: part === "accounts" },
    { label: words.tabs.tokens, href: paths.settingsTokens(), current: part === "tokens" },
  ];
  return (
    <>
      <PageHeader title={words.title} />
      <LinkTabs label={words.tabs.label} tabs={may ? tabs : tabs.slice(1)} />
      {part === "accounts" ? <Accounts /> : <Tokens />}
    </>
  );
}
