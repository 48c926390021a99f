import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { paths } from './openapi';
import { api, bodyOf, type Schemas } from './client';

type Query<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } }
  ? NonNullable<Q>
  : never;
export type PeopleQuery = Omit<Query<'/api/v1/people'>, 'cursor' | 'limit'>;
export type AppsQuery = Omit<Query<'/api/v1/apps'>, 'cursor' | 'limit'>;
export type ActionsQuery = Omit<Query<'/api/v1/actions'>, 'cursor' | 'limit'>;
export type AuditQuery = Omit<Query<'/api/v1/audit'>, 'cursor' | 'limit'>;

const pageSize = 100;
const first = undefined as string | undefined;
const next = ({ nextCursor }: { nextCursor: string | null }) => nextCursor ?? undefined;
/** While a list changes by each letter of a search, the one before stays. */
const paged = { initialPageParam: first, getNextPageParam: next, placeholderData: keepPreviousData };

export const connectionsQuery = queryOptions({
  queryKey: ['connections'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/connections'))).connections,
});

export const connectionQuery = (connection: string) =>
  queryOptions({
    queryKey: ['connections', connection],
    queryFn: () => bodyOf(api.GET('/api/v1/connections/{connection}', { params: { path: { connection } } })),
  });

export const summaryQuery = (connection: string | undefined, window: number) =>
  queryOptions({
    queryKey: ['summary', connection, window],
    queryFn: () => bodyOf(api.GET('/api/v1/summary', { params: { query: { connection, window } } })),
    placeholderData: keepPreviousData,
  });

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: () => bodyOf(api.GET('/api/v1/health')),
  refetchInterval: 10_000,
});

/** What is said of problems changes with the version alone. */
export const problemKindQuery = (code: Schemas['Problem']['code']) =>
  queryOptions({
    queryKey: ['problem-kind', code],
    queryFn: () => bodyOf(api.GET('/api/v1/problems/{code}', { params: { path: { code } } })),
    staleTime: Infinity,
  });

export const peopleQuery = (query: PeopleQuery) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['people', query],
    queryFn: ({ pageParam: cursor, signal }) =>
      bodyOf(api.GET('/api/v1/people', { params: { query: { ...query, cursor, limit: pageSize } }, signal })),
  });

export const attributesQuery = (connection: string | undefined) =>
  queryOptions({
    queryKey: ['attributes', connection],
    queryFn: async () =>
      (await bodyOf(api.GET('/api/v1/people/attributes', { params: { query: { connection } } }))).attributes,
    staleTime: 300_000,
  });

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/sign-in/providers'))).providers,
});

export const personQuery = (connection: string, person: string, window: number) =>
  queryOptions({
    queryKey: ['person', connection, person, window],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/connections/{connection}/people/{person}', {
          params: { path: { connection, person }, query: { window } },
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const appsQuery = (query: AppsQuery) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['apps', query],
    queryFn: ({ pageParam: cursor, signal }) =>
      bodyOf(api.GET('/api/v1/apps', { params: { query: { ...query, cursor, limit: pageSize } }, signal })),
  });

export const appQuery = (connection: string, app: string, window: number) =>
  queryOptions({
    queryKey: ['app', connection, app, window],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/connections/{connection}/apps/{app}', {
          params: { path: { connection, app }, query: { window } },
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** The longest window of the hours, a year. */
const mostHourDays = 366;

export const appHoursQuery = (connection: string, app: string, window: number, zone: string) =>
  queryOptions({
    queryKey: ['app', connection, app, window, 'hours', zone],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/connections/{connection}/apps/{app}/hours', {
          params: { path: { connection, app }, query: { window: Math.min(window, mostHourDays), zone } },
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const activePeopleQuery = (connection: string, app: string, window: number) =>
  queryOptions({
    queryKey: ['app', connection, app, window, 'active-people'],
    queryFn: () =>
      bodyOf(
        api.GET('/api/v1/connections/{connection}/apps/{app}/active-people', {
          params: { path: { connection, app }, query: { window } },
        }),
      ),
    placeholderData: keepPreviousData,
  });

export const appGroupsQuery = (connection: string, app: string) =>
  queryOptions({
    queryKey: ['app', connection, app, 'groups'],
    queryFn: () =>
      bodyOf(api.GET('/api/v1/connections/{connection}/apps/{app}/groups', { params: { path: { connection, app } } })),
  });

/** All groups, page by page: there are thousands at most, and a choice among them needs all. */
export const groupsQuery = (connection: string) =>
  queryOptions({
    queryKey: ['groups', connection],
    queryFn: async () => {
      const groups: Schemas['Group'][] = [];
      let cursor: string | undefined;
      do {
        const page = await bodyOf(
          api.GET('/api/v1/connections/{connection}/groups', {
            params: { path: { connection }, query: { cursor, limit: pageSize } },
          }),
        );
        groups.push(...page.groups);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return groups.toSorted((a, b) => a.name.localeCompare(b.name));
    },
    staleTime: 60_000,
  });

export const runsQuery = (connection: string | undefined) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['runs', connection],
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(api.GET('/api/v1/runs', { params: { query: { connection, cursor, limit: 50 } } })),
  });

/** The newest run of a connection: one that waits for somebody is the newest until it is decided. */
export const newestRunQuery = (connection: string) =>
  queryOptions({
    queryKey: ['runs', connection, 'newest'],
    queryFn: async () =>
      (await bodyOf(api.GET('/api/v1/runs', { params: { query: { connection, limit: 1 } } }))).runs[0] ?? null,
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ['run', run],
    queryFn: () => bodyOf(api.GET('/api/v1/runs/{run}', { params: { path: { run } } })),
  });

export const catalogueQuery = queryOptions({
  queryKey: ['catalogue'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/actions/catalogue'))).actions,
  staleTime: Infinity,
});

export const actionsQuery = (query: ActionsQuery) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['actions', query],
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(api.GET('/api/v1/actions', { params: { query: { ...query, cursor, limit: 50 } } })),
  });

export const actionQuery = (action: string) =>
  queryOptions({
    queryKey: ['action', action],
    queryFn: () => bodyOf(api.GET('/api/v1/actions/{action}', { params: { path: { action } } })),
  });

export const jobsQuery = (query: Omit<Query<'/api/v1/bulk'>, 'cursor' | 'limit'>) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['jobs', query],
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(api.GET('/api/v1/bulk', { params: { query: { ...query, cursor, limit: 50 } } })),
  });

export const jobQuery = (bulk: string) =>
  queryOptions({
    queryKey: ['job', bulk],
    queryFn: () => bodyOf(api.GET('/api/v1/bulk/{bulk}', { params: { path: { bulk } } })),
  });

export const auditQuery = (query: AuditQuery) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['audit', query],
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(api.GET('/api/v1/audit', { params: { query: { ...query, cursor, limit: 100 } } })),
  });

export const membersQuery = infiniteQueryOptions({
  ...paged,
  queryKey: ['members'],
  queryFn: ({ pageParam: cursor }) => bodyOf(api.GET('/api/v1/members', { params: { query: { cursor, limit: 100 } } })),
});

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => bodyOf(api.GET('/api/v1/sessions')),
});

export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: async () => (await bodyOf(api.GET('/api/v1/webhooks'))).webhooks,
  refetchInterval: 5_000,
});

export type DeliveryState = Schemas['Delivery']['state'];

/** While something waits to be sent it is looked again. */
export const deliveriesQuery = (webhook: string, state: DeliveryState | undefined) =>
  infiniteQueryOptions({
    ...paged,
    queryKey: ['webhooks', webhook, 'deliveries', state],
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(
        api.GET('/api/v1/webhooks/{webhook}/deliveries', {
          params: { path: { webhook }, query: { state, cursor, limit: 50 } },
        }),
      ),
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ deliveries }) => deliveries.some((one) => one.state === 'due')) ? 3_000 : false,
  });

export const keysQuery = infiniteQueryOptions({
  ...paged,
  queryKey: ['keys'],
  queryFn: ({ pageParam: cursor }) => bodyOf(api.GET('/api/v1/keys', { params: { query: { cursor, limit: 100 } } })),
});
