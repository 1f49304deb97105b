import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
} from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Notices } from "./components/notify";
import { PageSkeleton } from "./components/PageStates";
import { ProblemMessage } from "./components/ProblemMessage";
import { Gate } from "./frame/Gate";
import { NotFound } from "./frame/NotFound";
import { parseSearch, stringifySearch } from "./table/useFilters";

// After the first page is there: it has no dialog yet.
const FocusRules = lazy(() => import("./frame/FocusRules").then((module) => ({ default: module.FocusRules })));

/** The routes of `paths.ts`; each page is its own bundle, fetched when it is first gone to. */

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Notices />
      <Suspense fallback={null}>
        <FocusRules />
      </Suspense>
    </>
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("./pages/sign-in/SignInPage"), "SignInPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./pages/sign-in/SetupPage"), "SetupPage"),
});

/** Everything that needs a session. */
const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Gate });

const overview = createRoute({
  getParentRoute: () => frame,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview/OverviewPage"), "OverviewPage"),
});

const skus = createRoute({
  getParentRoute: () => frame,
  path: "/recoverable",
  component: lazyRouteComponent(() => import("./pages/seats/SkusPage"), "SkusPage"),
});

const sku = createRoute({
  getParentRoute: () => frame,
  path: "/recoverable/$skuId",
  component: lazyRouteComponent(() => import("./pages/seats/SkuPage"), "SkuPage"),
});

const seats = createRoute({
  getParentRoute: () => frame,
  path: "/seats",
  component: lazyRouteComponent(() => import("./pages/seats/SeatsPage"), "SeatsPage"),
});

const seat = createRoute({
  getParentRoute: () => frame,
  path: "/seats/$seatId",
  component: lazyRouteComponent(() => import("./pages/seats/SeatPage"), "SeatPage"),
});

const candidates = createRoute({
  getParentRoute: () => frame,
  path: "/candidates",
  component: lazyRouteComponent(() => import("./pages/candidates/CandidatesPage"), "CandidatesPage"),
});

const candidate = createRoute({
  getParentRoute: () => frame,
  path: "/candidates/$candidateId",
  component: lazyRouteComponent(() => import("./pages/candidates/CandidatePage"), "CandidatePage"),
});

const people = createRoute({
  getParentRoute: () => frame,
  path: "/people",
  component: lazyRouteComponent(() => import("./pages/people/PeoplePage"), "PeoplePage"),
});

const person = createRoute({
  getParentRoute: () => frame,
  path: "/people/$userId",
  component: lazyRouteComponent(() => import("./pages/people/PersonPage"), "PersonPage"),
});

const trail = createRoute({
  getParentRoute: () => frame,
  path: "/trail",
  component: lazyRouteComponent(() => import("./pages/trail/TrailPage"), "TrailPage"),
});

const trailEntry = createRoute({
  getParentRoute: () => frame,
  path: "/trail/$log/$seq",
  component: lazyRouteComponent(() => import("./pages/trail/TrailEntryPage"), "TrailEntryPage"),
});

const applications = createRoute({
  getParentRoute: () => frame,
  path: "/applications",
  component: lazyRouteComponent(() => import("./pages/applications/ApplicationsPage"), "ApplicationsPage"),
});

const application = createRoute({
  getParentRoute: () => frame,
  path: "/applications/$tenantId",
  component: lazyRouteComponent(() => import("./pages/applications/ApplicationPage"), "ApplicationPage"),
});

const settings = createRoute({
  getParentRoute: () => frame,
  path: "/settings",
  component: lazyRouteComponent(() => import("./pages/settings/SettingsPage"), "SettingsPage"),
});

const settingsTokens = createRoute({
  getParentRoute: () => frame,
  path: "/settings/tokens",
  component: lazyRouteComponent(() => import("./pages/settings/SettingsPage"), "TokensPage"),
});

const nowhere = createRoute({ getParentRoute: () => frame, path: "$", component: NotFound });

const tree = root.addChildren([
  signIn,
  setup,
  frame.addChildren([
    overview,
    skus,
    sku,
    seats,
    seat,
    candidates,
    candidate,
    people,
    person,
    trail,
    trailEntry,
    applications,
    application,
    settings,
    settingsTokens,
    nowhere,
  ]),
]);

/** The browser's addresses, unless a test brings its own. */
export function createConsoleRouter(history?: RouterHistory) {
  return createRouter({
    history,
    routeTree: tree,
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPendingComponent: PageSkeleton,
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: ({ error, reset }) => <ProblemMessage error={error} onRetry={reset} />,
    scrollRestoration: true,
  });
}
