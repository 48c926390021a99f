import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  retainSearchParams,
  Navigate,
} from '@tanstack/react-router';
import { actionNames } from './actions/names';
import { jobStates } from './jobs/states';
import { outcomes, personStatuses, seatStates } from './domain';
import { day, days, oneOf, readable, readSearch, someOf, someTexts, text, writeSearch, zone } from './search';
import { Broken, NotFound, Root } from './shell/Root';

/** Every address of the page. Each page is loaded when it is first gone to. */
const rootRoute = createRootRoute({
  component: Root,
  notFoundComponent: NotFound,
  validateSearch: (raw): { connection?: string } => readable({ connection: text(raw, 'connection') }),
  search: { middlewares: [retainSearchParams(['connection'])] },
});

/** With what the ids of each parameter begin. */
const prefixes: Record<string, string> = { in: 'con', run: 'run', bulk: 'blk', action: 'act' };

/** An address with an id that can be none leads nowhere. */
function beforeLoad({ params }: { params: object }): void {
  for (const [name, id] of Object.entries(params) as [string, string][])
    if (prefixes[name] !== undefined && !new RegExp(`^${prefixes[name]}_[0-9a-z]{25}$`).test(id)) throw notFound();
}

/** Of what type its parameters are is told by the path alone, so that is all it is said to have. */
const at = <Path extends string>(path: Path): { getParentRoute: () => typeof rootRoute; path: Path } => {
  const route = { getParentRoute: () => rootRoute, path, beforeLoad };
  return route;
};
const orders = ['asc', 'desc'] as const;

export const overviewRoute = createRoute({
  ...at('/'),
  validateSearch: (raw): { window?: number } => readable({ window: days(raw, 'window') }),
  component: lazyRouteComponent(() => import('./overview/Overview')),
});

export const peopleRoute = createRoute({
  ...at('/people'),
  validateSearch: (raw) =>
    readable({
      search: text(raw, 'search'),
      status: someOf(raw, 'status', personStatuses),
      seat: oneOf(raw, 'seat', seatStates),
      app: text(raw, 'app'),
      window: days(raw, 'window'),
      sort: oneOf(raw, 'sort', ['name', 'email', 'status', 'lastSignIn'] as const),
      order: oneOf(raw, 'order', orders),
      columns: someTexts(raw, 'columns'),
    }),
  component: lazyRouteComponent(() => import('./people/People')),
});

export const personRoute = createRoute({
  ...at('/people/$in/$person'),
  validateSearch: (raw) =>
    readable({
      window: days(raw, 'window'),
      tab: oneOf(raw, 'tab', ['apps', 'groups', 'profile', 'actions'] as const),
    }),
  component: lazyRouteComponent(() => import('./people/PersonPage')),
});

export const appsRoute = createRoute({
  ...at('/apps'),
  validateSearch: (raw) =>
    readable({
      search: text(raw, 'search'),
      window: days(raw, 'window'),
      sort: oneOf(raw, 'sort', ['label', 'seats', 'used', 'unused'] as const),
      order: oneOf(raw, 'order', orders),
    }),
  component: lazyRouteComponent(() => import('./apps/Apps')),
});

export const appRoute = createRoute({
  ...at('/apps/$in/$app'),
  validateSearch: (raw) =>
    readable({
      window: days(raw, 'window'),
      tab: oneOf(raw, 'tab', ['people', 'usage', 'groups'] as const),
      zone: zone(raw, 'zone'),
      search: text(raw, 'search'),
      seat: oneOf(raw, 'seat', seatStates),
      sort: oneOf(raw, 'sort', ['name', 'email', 'status', 'lastSignIn'] as const),
      order: oneOf(raw, 'order', orders),
    }),
  component: lazyRouteComponent(() => import('./apps/AppPage')),
});

export const actionsRoute = createRoute({
  ...at('/actions'),
  validateSearch: (raw) =>
    readable({
      action: oneOf(raw, 'action', actionNames),
      state: oneOf(raw, 'state', ['accepted', 'running', 'done', 'refused', 'failed', 'unknown'] as const),
      person: text(raw, 'person'),
    }),
  component: lazyRouteComponent(() => import('./actions/Actions')),
});

export const actionRoute = createRoute({
  ...at('/actions/$action'),
  component: lazyRouteComponent(() => import('./actions/ActionPage')),
});

export const jobsRoute = createRoute({
  ...at('/jobs'),
  component: lazyRouteComponent(() => import('./jobs/Jobs')),
});

export const newJobRoute = createRoute({
  ...at('/jobs/new'),
  validateSearch: (raw) =>
    readable({
      in: text(raw, 'in'),
      action: oneOf(raw, 'action', actionNames),
      people: someTexts(raw, 'people'),
      status: someOf(raw, 'status', personStatuses),
      seat: oneOf(raw, 'seat', seatStates),
      app: text(raw, 'app'),
      search: text(raw, 'search'),
      window: days(raw, 'window'),
    }),
  component: lazyRouteComponent(() => import('./jobs/NewJob')),
});

export const jobRoute = createRoute({
  ...at('/jobs/$bulk'),
  validateSearch: (raw) => readable({ state: oneOf(raw, 'state', jobStates) }),
  component: lazyRouteComponent(() => import('./jobs/JobPage')),
});

export const auditRoute = createRoute({
  ...at('/audit'),
  validateSearch: (raw) =>
    readable({
      search: text(raw, 'search'),
      what: text(raw, 'what'),
      action: oneOf(raw, 'action', actionNames),
      outcome: oneOf(raw, 'outcome', outcomes),
      operation: text(raw, 'operation'),
      person: text(raw, 'person'),
      from: day(raw, 'from'),
      to: day(raw, 'to'),
      record: text(raw, 'record'),
    }),
  component: lazyRouteComponent(() => import('./audit/Audit')),
});

export const integrationsRoute = createRoute({
  ...at('/integrations'),
  component: lazyRouteComponent(() => import('./integrations/Integrations')),
});

export const connectRoute = createRoute({
  ...at('/integrations/okta/connect'),
  component: lazyRouteComponent(() => import('./integrations/Connect')),
});

export const connectionRoute = createRoute({
  ...at('/integrations/okta/$in'),
  component: lazyRouteComponent(() => import('./integrations/ConnectionPage')),
});

export const runsRoute = createRoute({
  ...at('/runs'),
  component: lazyRouteComponent(() => import('./runs/Runs')),
});

export const runRoute = createRoute({
  ...at('/runs/$run'),
  component: lazyRouteComponent(() => import('./runs/RunPage')),
});

export const healthRoute = createRoute({
  ...at('/health'),
  component: lazyRouteComponent(() => import('./health/Health')),
});

export const settingsRoute = createRoute({
  ...at('/settings'),
  validateSearch: (raw) =>
    readable({
      tab: oneOf(raw, 'tab', ['keys', 'webhooks', 'members', 'licence', 'sign-in', 'account', 'workspace'] as const),
      webhook: text(raw, 'webhook'),
    }),
  component: lazyRouteComponent(() => import('./settings/Settings')),
});

/** Whoever is signed in already has no business there. */
const signInRoute = createRoute({ ...at('/sign-in'), component: () => <Navigate to="/" replace /> });

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    peopleRoute,
    personRoute,
    appsRoute,
    appRoute,
    actionsRoute,
    actionRoute,
    jobsRoute,
    newJobRoute,
    jobRoute,
    auditRoute,
    integrationsRoute,
    connectRoute,
    connectionRoute,
    runsRoute,
    runRoute,
    healthRoute,
    settingsRoute,
    signInRoute,
  ]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
  scrollToTopSelectors: ['#page'],
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
