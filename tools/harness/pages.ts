import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Api } from '../start/api.js';
import { Watched } from './page.js';

/** One page of the dashboard by a name for it, where it can be gone to. */
export interface Place {
  name: string;
  path: string;
  /** It is for whoever is not signed in. */
  isOutside?: boolean;
}

/** Those that every workspace has, one without a connection as well. */
const everywhere: Place[] = [
  { name: 'sign-in', path: '/sign-in', isOutside: true },
  { name: 'overview', path: '/' },
  { name: 'people', path: '/people' },
  { name: 'apps', path: '/apps' },
  { name: 'actions', path: '/actions' },
  { name: 'jobs', path: '/jobs' },
  { name: 'job-new', path: '/jobs/new' },
  { name: 'audit', path: '/audit' },
  { name: 'integrations', path: '/integrations' },
  { name: 'connect', path: '/integrations/okta/connect' },
  { name: 'runs', path: '/runs' },
  { name: 'health', path: '/health' },
  { name: 'settings', path: '/settings' },
  { name: 'settings-webhooks', path: '/settings?tab=webhooks' },
  { name: 'settings-members', path: '/settings?tab=members' },
  { name: 'settings-sign-in', path: '/settings?tab=sign-in' },
  { name: 'settings-licence', path: '/settings?tab=licence' },
  { name: 'settings-account', path: '/settings?tab=account' },
  { name: 'settings-workspace', path: '/settings?tab=workspace' },
  { name: 'not-found', path: '/no-such-page' },
];

interface Listed {
  id: string;
}

/**
 * Every page of the dashboard in the workspace of `api`. Of each kind that has a page for each of its own (a person, an app, an
 * action, a job, a run) one, where there is one.
 */
export async function placesOf(api: Api): Promise<Place[]> {
  const [connection] = await api.connections();
  if (!connection) return everywhere;
  const of = `connection=${connection.id}`;
  const { people } = await api.call<{ people: Listed[] }>('GET', `/people?${of}&seat=used&limit=1`);
  const { apps } = await api.call<{ apps: Listed[] }>('GET', `/apps?${of}&sort=unused&order=desc&limit=1`);
  const { actions } = await api.call<{ actions: Listed[] }>('GET', `/actions?${of}&limit=1`);
  const { jobs } = await api.call<{ jobs: Listed[] }>('GET', `/bulk?${of}&limit=1`);
  const run = await api.newestRun(connection.id);
  const each = (found: Listed | undefined, places: (id: string) => Place[]) => (found ? places(found.id) : []);
  return [
    ...everywhere,
    { name: 'connection', path: `/integrations/okta/${connection.id}` },
    ...each(people[0], (id) =>
      ['apps', 'groups', 'profile', 'actions'].map((tab) => ({
        name: `person-${tab}`,
        path: `/people/${connection.id}/${id}?tab=${tab}`,
      })),
    ),
    ...['okta', apps[0]?.id].flatMap((id) =>
      id === undefined
        ? []
        : [
            { name: id === 'okta' ? 'app-okta' : 'app', path: `/apps/${connection.id}/${id}` },
            { name: id === 'okta' ? 'app-okta-usage' : 'app-usage', path: `/apps/${connection.id}/${id}?tab=usage` },
          ],
    ),
    ...each(actions[0], (id) => [{ name: 'action', path: `/actions/${id}` }]),
    ...each(jobs[0], (id) => [{ name: 'job', path: `/jobs/${id}` }]),
    ...each(run, (id) => [{ name: 'run', path: `/runs/${id}` }]),
  ];
}

/** Each of these places in a look, one after the other, when all that is asked for on the way there has come. */
export async function* visited(
  browser: Browser,
  url: string,
  places: Place[],
  { storageState, ...look }: BrowserContextOptions,
): AsyncGenerator<[Place, Watched]> {
  const inside = await Watched.open(browser, url, { ...look, ...(storageState && { storageState }) });
  const outside = await Watched.open(browser, url, look);
  for (const place of places) {
    const watched = place.isOutside ? outside : inside;
    await watched.page.goto(place.path);
    await watched.page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    // Hidden on a phone until it is asked for.
    if (!place.isOutside) await watched.page.locator('nav').first().waitFor({ state: 'attached' });
    await settled(watched.page);
    yield [place, watched];
  }
  await inside.page.context().close();
  await outside.page.context().close();
}

/** What has come may show what is still to come, a chart for one: so it is to be still for a while. */
async function settled(page: Page): Promise<void> {
  for (let quiet = 0; quiet < 2; await sleep(150))
    quiet = (await page.getByRole('status', { name: 'Loading' }).count()) === 0 ? quiet + 1 : 0;
}
