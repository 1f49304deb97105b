import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from "@fluentui/react-components";
import { Outlet, useLocation, useMatches } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useOverview } from "../api/hooks/overview";
import type { Overview } from "../api/types";
import { NowProvider } from "../components/now";
import { PageHeader } from "../components/PageHeader";
import { formatMoment } from "../format";
import { paths } from "../paths";
import { text } from "../text";
import { DemoBar } from "./DemoBar";
import { FreezeBar } from "./FreezeBar";
import { isWithin, Navigation } from "./Navigation";
import { useMay, useSession } from "./session";
import { TopBar } from "./TopBar";

const useStyles = makeStyles({
  frame: {
    display: "flex",
    flexDirection: "column",
    minHeight: "100vh",
    backgroundColor: tokens.colorNeutralBackground2,
  },
  skip: {
    position: "absolute",
    left: tokens.spacingHorizontalM,
    top: "-100px",
    zIndex: 10,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    ":focus": { top: tokens.spacingVerticalS },
  },
  below: { display: "flex", flex: "1 1 auto", minWidth: 0 },
  side: {
    flex: "0 0 220px",
    backgroundColor: tokens.colorNeutralBackground3,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    "@media (max-width: 899px)": { display: "none" },
  },
  stay: { position: "sticky", top: 0 },
  main: {
    flex: "1 1 auto",
    minWidth: 0,
    boxSizing: "border-box",
    padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXXL}`,
    outlineStyle: "none",
    "@media (max-width: 639px)": { padding: tokens.spacingHorizontalM },
  },
  width: { maxWidth: "1600px", margin: "0 auto" },
  notice: { marginBottom: tokens.spacingVerticalM },
});

/** What is around every page of a signed-in person. */
export function Frame() {
  const styles = useStyles();
  const session = useSession();
  const overview = useOverview(useMay("read")).data;
  const main = useRef<HTMLElement>(null);
  useFocusOnGo(main);
  return (
    <NowProvider serverNow={overview?.now ?? session.demo?.now}>
      <div className={styles.frame}>
        <a href="#main" className={styles.skip}>
          {text.frame.skip}
        </a>
        <TopBar sources={overview?.sources ?? []} />
        <DemoBar />
        <FreezeBar />
        <div className={styles.below}>
          <div className={styles.side}>
            <div className={styles.stay}>
              <Navigation />
            </div>
          </div>
          <main id="main" ref={main} tabIndex={-1} className={styles.main}>
            <div className={styles.width}>
              {overview !== undefined && <TenantNotices tenant={overview.tenant} />}
              <Page />
            </div>
          </main>
        </div>
      </div>
    </NowProvider>
  );
}

/** A reviewer reads only what is given to review, and has settings of their own. */
function Page() {
  const mayRead = useMay("read");
  // Of the page that is shown: the address is already the next one's while that is fetched.
  const pathname = useMatches({ select: (matches) => matches.at(-1)?.pathname ?? "" });
  if (mayRead || isWithin(pathname, paths.settings())) {
    return <Outlet />;
  }
  return <PageHeader title={text.frame.nothingToReview} lead={text.frame.nothingToReviewHint} />;
}

/** After going to another page the focus starts at its content, not where the old page's link was. */
function useFocusOnGo(main: React.RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current !== pathname) {
      before.current = pathname;
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }, [pathname, main]);
}

function TenantNotices({ tenant }: { tenant: Overview["tenant"] }) {
  const styles = useStyles();
  return (
    <>
      {tenant.held !== null && (
        <MessageBar intent="error" layout="multiline" className={styles.notice}>
          <MessageBarBody>
            <MessageBarTitle>{text.frame.held}</MessageBarTitle>
            {tenant.held.reason}
          </MessageBarBody>
        </MessageBar>
      )}
      {tenant.observing_until !== null && (
        <MessageBar intent="info" layout="multiline" className={styles.notice}>
          <MessageBarBody>{text.frame.observing(formatMoment(tenant.observing_until))}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}
