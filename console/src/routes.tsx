import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { Notices } from "./components/notify";
import { PageSkeleton } from "./components/PageStates";
import { ProblemMessage } from "./components/ProblemMessage";
import { Gate } from "./frame/Gate";
import { NotFound } from "./frame/NotFound";
import { parseSearch, stringifySearch } from "./table/useFilters";

/** The routes of `paths.ts`; each page is its own bundle, fetched when it is first gone to. */

const root = createRootRoute({
  component: () => (
    <>
      <Outlet />
      <Notices />
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

const nowhere = createRoute({ getParentRoute: () => frame, path: "$", component: NotFound });

const tree = root.addChildren([signIn, setup, frame.addChildren([overview, nowhere])]);

export function createConsoleRouter() {
  return createRouter({
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
