import { readFile } from 'node:fs/promises';
import type { Browser, Locator } from 'playwright-core';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import type { Api } from '../tools/start/api.js';
import { activePeople, truthOf, type TruePerson } from '../tools/actions/acting.js';
import { openBrowser, Watched } from '../tools/harness/page.js';
import { placesOf, visited } from '../tools/harness/pages.js';
import { until } from '../tools/harness/until.js';

/** An average as the page writes it. */
const asText = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });

/** What a page shows that a phone has no room for, and what is too small for a finger: WCAG 2.2 asks for 24 px. */
const unfit = `(() => {
  const main = document.querySelector('main');
  const wide = [main, document.documentElement].filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  const small = [...document.querySelectorAll('a[href], button, label[data-react-aria-pressable]')].filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    // What fills its row, what only the keyboard reaches, and a link within a sentence.
    if (getComputedStyle(one, '::after').position === 'absolute' || one.closest('p')) return false;
    return one.checkVisibility() && width > 1 && (width < 24 || height < 24) && one.matches(':not(.visually-hidden *)');
  });
  return [...wide.map(({ tagName, scrollWidth }) => tagName + ' is ' + scrollWidth + ' wide'),
    ...small.map((one) => 'small: ' + one.outerHTML.slice(0, 120))];
})()`;

/** What is wider than its place: a value of a fact, and a table that is not within something that scrolls. */
const tooWide = `[...document.querySelectorAll('main dd > *, main :not([role=region]) > table')]
  .filter((one) => one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1)
  .map((one) => one.outerHTML.slice(0, 120))`;

describe('the dashboard, in a browser', () => {
  let seatwise: Seatwise;
  let browser: Browser;
  let api: Api;
  let watched: Watched;

  beforeAll(async () => {
    seatwise = await Seatwise.start([
      { SIMULATOR_PEOPLE: '400', SIMULATOR_APPS: '12', SIMULATOR_GROUPS: '8' },
      { SIMULATOR_PEOPLE: '60', SIMULATOR_APPS: '6', SIMULATOR_GROUPS: '4', SIMULATOR_SEED: '2' },
    ]);
    browser = await openBrowser();
    const workspace = await seatwise.workspace('Acme');
    api = workspace.api;
    watched = await enter('admin', workspace.api);
  });
  afterAll(async () => {
    await browser?.close();
    await seatwise.stop();
  });
  afterEach(() => expect(watched.faults).toEqual([]));

  const enter = (role: 'viewer' | 'operator' | 'admin', admin: Api): Promise<Watched> =>
    Watched.signedIn(browser, admin, { email: `${role}@acme.example`, name: 'Robin Marlow', role });
  const [strong, weak] = [() => seatwise.orgs[0]!, () => seatwise.orgs[1]!];
  const weakToken = `00weak${'y'.repeat(36)}`;

  async function fillIn(org: TestOrg, { url = org.url, token = org.token, name = '' } = {}): Promise<void> {
    const { page } = watched;
    await page.getByLabel('Organization URL').fill(url);
    await page.getByLabel('Name').fill(name);
    await page.getByRole('textbox', { name: 'API token' }).fill(token);
    await page.getByRole('button', { name: 'Test connection' }).click();
  }

  /** What is said to be wrong with what is in the field. */
  async function remarkAt(field: Locator): Promise<string> {
    if ((await field.getAttribute('aria-invalid')) !== 'true') return '';
    const described = (await field.getAttribute('aria-describedby')) ?? '';
    const said = await Promise.all(described.split(' ').map((id) => watched.page.locator(`[id="${id}"]`).innerText()));
    return said.join(' ');
  }

  /** The window of the test while each of these checks has this result. */
  function testWith(results: Record<string, string>): Locator {
    const { page } = watched;
    const check = (name: string, result: string) => page.getByRole('listitem').filter({ hasText: name }).getByText(result, { exact: true }); // prettier-ignore
    return Object.entries(results).reduce(
      (shown, [name, result]) => shown.filter({ has: check(name, result) }),
      page.getByRole('dialog', { name: 'Test connection' }),
    );
  }

  it('leads whoever has nothing yet to the first org, and says what is wrong with an address or a token', async () => {
    const { page } = watched;
    await page.goto('/');
    await page.getByRole('link', { name: 'Connect an Okta org' }).click();
    await page.getByText('Read and take action', { exact: true }).click();

    const url = page.getByLabel('Organization URL');
    const token = page.getByRole('textbox', { name: 'API token' });
    const remarks = async () => [await remarkAt(url), await remarkAt(token)];
    await fillIn(strong(), { url: 'https://127.0.0.1/' });
    await expectText('The organization URL cannot be used');
    await page.getByRole('button', { name: 'Change and try again' }).click();
    expect(await remarks()).toEqual([expect.stringContaining('127.0.0.1'), '']);

    await fillIn(strong(), { token: `00wrong${'x'.repeat(35)}` });
    await expectText('Not connected yet');
    await page.getByRole('button', { name: 'Change and try again' }).click();
    expect(await remarks()).toEqual(['', expect.stringContaining('token')]);
    await token.fill('00other');
    expect(await remarks()).toEqual(['', '']);

    await fillIn(strong(), { token: '00short' });
    await until(remarks, ([, ofToken]) => ofToken !== '');
    expect(await remarks()).toEqual(['', expect.stringContaining('characters')]);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await api.connections()).toEqual([]);
  });

  it('shows each check of the test as it ends, connects, follows the first sync, and shows the green check', async () => {
    const { page } = watched;
    await strong().control('PUT', 'faults', [{ kind: 'latency', path: '/api/v1/logs', milliseconds: 3_000, times: 1 }]);
    await fillIn(strong(), { url: `${strong().url}/`, name: 'Acme' });
    await testWith({ Token: 'OK', 'Read people': 'OK', 'Read sign-ins': 'Checking', 'Act on people': 'Waiting' }).waitFor(); // prettier-ignore
    expect(await api.connections()).toEqual([]);
    await testWith({ 'Read sign-ins': 'OK', 'Act on people': 'OK' }).waitFor();
    await expectText('Everything is there');
    await expectText('okta.logs.read');
    expect(await watched.barriers()).toEqual([]);
    expect(await api.connections()).toEqual([]);
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByRole('heading', { name: 'Connected and synced' }).waitFor();
    const [connection] = await api.connections();
    await seatwise.ended(api, connection!);
    expect(await watched.barriers()).toEqual([]);
  });

  it('connects a second org whose token may not read apps, says so in words, and takes the rest up after the mend', async () => {
    const { page } = watched;
    const permissions = ['okta.users.read', 'okta.groups.read', 'okta.logs.read'];
    await weak().control('PUT', 'tokens', { label: 'weak', token: weakToken, permissions, roles: [] });
    await page.goto('/integrations/okta/connect');
    await fillIn(weak(), { token: weakToken, name: 'Weak' });
    await testWith({ 'Read apps': 'Missing' }).waitFor();
    await expectText('One thing is missing');
    await expectText('How to mend it:');
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    await page.getByRole('heading', { name: 'Partly synced' }).waitFor();
    await expectText('The token does not have permission for reading the apps list.');

    await weak().control('PUT', 'tokens', { label: 'weak', permissions: [...permissions, 'okta.apps.read'] });
    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByRole('heading', { name: 'Connected and synced' }).waitFor();
    await page.goto('/integrations');
    await expectText('2 orgs connected');

    await page.getByRole('link', { name: 'Connect another org' }).click();
    await fillIn(strong());
    await page.getByRole('link', { name: 'Go to the connection of this org' }).click();
    await page.getByRole('heading', { name: 'Acme' }).waitFor();
  });

  it('tests a connection anew, and another token before it takes the place of the one there is', async () => {
    const { page } = watched;
    const { id, version } = (await api.connections()).find(({ name }) => name === 'Weak')!;
    await page.goto(`/integrations/okta/${id}`);
    const choose = async (name: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await choose('Test connection');
    await testWith({ 'Read apps': 'OK', 'Read sign-ins': 'OK' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await choose('Replace token');
    const panel = page.getByRole('dialog', { name: 'Replace token' });
    await panel.getByLabel('New API token').fill(`00wrong${'x'.repeat(35)}`);
    await panel.getByRole('button', { name: 'Test connection' }).click();
    await panel.getByText('The token until now stays in use').waitFor();
    await panel.getByText('Okta does not accept this token.').first().waitFor();
    await panel.getByRole('button', { name: 'Give another token' }).click();
    await panel.getByLabel('New API token').fill(weak().token);
    await panel.getByRole('button', { name: 'Test connection' }).click();
    await panel.getByText('Everything is there').waitFor();
    await panel.getByRole('button', { name: 'Replace token' }).click();
    await expectText('The new token is in use');
    expect((await api.connections()).find((one) => one.id === id)!.version).toBeGreaterThan(version + 1);
  });

  it('finds an unused seat, tries to take it away, takes it away, and takes that back', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { apps } = await api.call<{ apps: { id: string; unused: number }[] }>(
      'GET',
      `/apps?connection=${acme.id}&sort=unused&order=desc&limit=5`,
    );
    const app = apps[0]!;
    await page.goto(`/apps/${acme.id}/${app.id}?seat=unused`);
    const { people } = await api.call<{ people: { id: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&app=${app.id}&seat=unused`,
    );
    const direct = await firstWithDirect(acme.id, app.id, people);
    await page.goto(`/people/${acme.id}/${direct.id}`);
    await page
      .getByRole('row', { name: direct.label })
      .getByRole('button', { name: /^Take action on/ })
      .click();
    const panel = page.getByRole('dialog');
    await panel.getByLabel('Reason').fill('Nobody signs in with this seat');
    await panel.getByRole('button', { name: 'Dry run' }).click();
    await panel.getByText('What would be sent to Okta').waitFor();
    await panel.getByText(`/api/v1/apps/${app.id}/users/${direct.id}`).waitFor();
    await panel.getByRole('button', { name: 'Do it' }).click();
    await panel.getByText('Done, and seen in Okta').waitFor();
    expect(await watched.barriers()).toEqual([]);
    const isAssigned = async () =>
      (await truthOf<{ app: string; person: string }>(strong(), 'assignments')).some(
        (one) => one.app === app.id && one.person === direct.id,
      );
    expect(await isAssigned()).toBe(false);
    await panel.getByRole('button', { name: 'Take it back' }).click();
    await panel.getByText('Taken back', { exact: true }).waitFor();
    expect(await isAssigned()).toBe(true);
  });

  it('shows attributes of the profile, gives all people as a file, and tells times in the zone of the workspace', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const people = await truthOf<TruePerson>(strong(), 'people');
    await page.goto(`/people?connection=${acme.id}`);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('option', { name: 'department' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'department' }).waitFor();
    const listed = await api.call<{ people: { id: string; name: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&limit=10`,
    );
    const departmentOf = new Map(people.map(({ id, profile }) => [id, profile.department as string | undefined]));
    const one = listed.people.find(({ id }) => departmentOf.get(id))!;
    await page.getByRole('row', { name: one.name }).getByText(departmentOf.get(one.id)!).first().waitFor();
    expect(await watched.barriers()).toEqual([]);

    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download CSV' }).click();
    const lines = (await readFile(await (await downloading).path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines[0]).toBe('connection,id,name,login,email,status,seat,last_sign_in,role,profile.department');
    expect(new Set(lines.slice(1).map((line) => line.split(',')[1]))).toEqual(new Set(people.map(({ id }) => id)));
    expect(lines).toHaveLength(people.length + 1);

    await page.goto('/settings?tab=workspace');
    await page.getByRole('button', { name: 'Time zone' }).click();
    await page.getByRole('option', { name: 'Asia/Tokyo', exact: true }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await expectText('The workspace was changed.');
    await page.goto('/people');
    // A mouse that has moved before: the first movement of all might be a finger's.
    await page.mouse.move(1, 1);
    await page.getByRole('cell').locator('time').first().hover();
    await expectText('GMT+9');
    await page.goto(`/apps/${acme.id}/okta?tab=usage`);
    await page.getByRole('img', { name: /by weekday and hour, Asia.Tokyo$/ }).waitFor();
  });

  it('shows when an app is used, by the hours of a time zone, as its sign-ins say', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const zone = 'America/New_York';
    await page.goto(`/apps/${acme.id}/okta?tab=usage&zone=${zone}`);
    await page.getByRole('img', { name: `Average sign-ins to Okta itself by weekday and hour, ${zone}` }).waitFor();
    await page.getByText(/^Busiest on \w+days from/).waitFor();
    await page.getByRole('img', { name: /^People active in Okta itself/ }).waitFor();
    await page.getByRole('button', { name: 'Show as a table: Average sign-ins to Okta itself' }).press('Enter');
    const table = page.getByRole('region', { name: /^Average sign-ins to Okta itself/ });
    const shown = (await table.getByRole('row').allInnerTexts()).slice(1).map((row) => row.split('\t').slice(1));

    const { hours, from } = await api.call<{
      from: string;
      hours: { weekday: number; hour: number; signIns: number; times: number }[];
    }>('GET', `/connections/${acme.id}/apps/okta/hours?zone=${zone}`);
    const clock = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    });
    const counts = new Map<string, number>();
    type InHour = { app: string; day: string; hour: number; count: number };
    for (const one of await truthOf<InHour>(strong(), `usage?since=${from}T00:00:00.000Z&by=hour`)) {
      if (one.app !== 'okta') continue;
      const at = clock.format(Date.parse(one.day) + one.hour * 3_600_000);
      counts.set(at, (counts.get(at) ?? 0) + one.count);
    }
    expect(counts.size).toBeGreaterThan(50);
    const named = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
    const signInsAt = (weekday: number, hour: number) =>
      counts.get(`${named[weekday - 1]}, ${String(hour).padStart(2, '0')}`) ?? 0;
    expect(hours.map(({ signIns }) => signIns)).toEqual(hours.map(({ weekday, hour }) => signInsAt(weekday, hour)));
    const averages = hours.map(({ weekday, hour, times }) => signInsAt(weekday, hour) / Math.max(times, 1));
    expect(shown).toEqual(
      Array.from({ length: 24 }, (_none, hour) => named.map((_name, day) => asText(averages[day * 24 + hour]!))),
    );
    const mondays = averages.slice(0, 24).reduce((sum, average) => sum + average, 0);
    const weekdays = page.locator('section').filter({ hasText: `Average by weekday (${zone})` });
    expect(await weekdays.last().innerText()).toMatch(new RegExp(`Monday\\s+${asText(mondays)}\\s`));
    expect(await watched.barriers()).toEqual([]);
  });

  it('shows by which groups people come to an app', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const groups = await truthOf<{ id: string; name: string }>(strong(), 'groups');
    const given = await truthOf<{ app: string; group: string | null }>(strong(), 'assignments');
    const [ofOne] = [
      ...Map.groupBy(
        given.filter(({ group }) => group !== null),
        ({ app }) => app,
      ),
    ];
    const [app, own] = ofOne!;
    const name = groups.find(({ id }) => id === own[0]!.group)!.name;
    const people = own.filter(({ group }) => group === own[0]!.group).length;
    await page.goto(`/apps/${acme.id}/${app}?tab=groups`);
    const row = page.getByRole('row').filter({ hasText: name });
    expect((await row.first().innerText()).split('\t').at(-1)).toBe(people.toLocaleString('en'));
    expect(await watched.barriers()).toEqual([]);
  });

  it('shows with each app whether more or fewer people come', async () => {
    const { page } = watched;
    await page.goto('/apps');
    await page
      .getByRole('img', { name: /^People a day: .+ on average in the first half/ })
      .first()
      .waitFor();
    expect(await watched.barriers()).toEqual([]);
  });

  it('puts somebody into a group that is chosen by its name', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { people } = await api.call<{ people: { id: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&status=ACTIVE&limit=1`,
    );
    const person = people[0]!.id;
    const members = await truthOf<{ group: string; person: string }>(strong(), 'memberships');
    const isIn = new Set(members.filter((one) => one.person === person).map(({ group }) => group));
    const groups = await truthOf<{ id: string; type: string; name: string }>(strong(), 'groups');
    const group = groups.find(({ id, type }) => type === 'OKTA_GROUP' && !isIn.has(id))!;
    await page.goto(`/people/${acme.id}/${person}`);
    await page.getByRole('button', { name: 'Take action' }).first().click();
    await page.getByRole('menuitem', { name: 'Add User to Group' }).click();
    const panel = page.getByRole('dialog', { name: 'Take action' });
    await panel
      .getByRole('button', { name: /Group$/ })
      .last()
      .click();
    await page.getByRole('option', { name: group.name, exact: true }).click();
    await panel.getByLabel('Reason').fill('Joins the team');
    await panel.getByRole('button', { name: 'Do it' }).click();
    await panel.getByText('Done, and seen in Okta').waitFor();
    const after = await truthOf<{ group: string; person: string }>(strong(), 'memberships');
    expect(after).toContainEqual(expect.objectContaining({ group: group.id, person }));
  });

  it('does one action to many by a file, after a preview', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { people } = await api.call<{ people: { id: string; login: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&status=ACTIVE&limit=12`,
    );
    const { apps } = await api.call<{ apps: { id: string; label: string }[] }>(
      'GET',
      `/apps?connection=${acme.id}&limit=5`,
    );
    const app = apps.find(({ id }) => id !== 'okta')!;
    await page.goto(`/jobs/new?in=${acme.id}&app=${app.id}`);
    await page.getByText(`Assigned to ${app.label}`).waitFor();
    await page.getByRole('button', { name: 'Of any app' }).click();
    await page.getByText('Assigned to').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'A file', exact: true }).click();
    await page.getByRole('button', { name: /What is to be done/ }).click();
    await page.getByRole('option', { name: /^Suspend User/ }).click();
    const give = async (lines: string[]) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'Choose a CSV file' }).click(),
      ]);
      const buffer = Buffer.from(lines.join('\n'));
      await chooser.setFiles({ name: 'leave.csv', mimeType: 'text/csv', buffer });
    };
    await page.getByText('Still needed: a CSV file that names somebody, a reason.').waitFor();
    await page.getByLabel('Reason').fill('The site closes');
    await give(['name', 'Ada']);
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    // Once, beside the file, in the words of the page.
    expect([await alert.count(), await alert.innerText()]).toEqual([1, expect.stringMatching(/^[A-Z][^$]*column/)]);
    await give(['login', ...people.map(({ login }) => login), 'nobody@acme.example']);
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    await alert.getByText('1 line names a login of nobody').waitFor();
    expect(await alert.innerText()).toContain(`Line ${people.length + 2}: "nobody@acme.example"`);
    await page.getByText('Leave out lines of nobody').click();
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    await page.getByText('1 line of nobody left out.').waitFor();
    await page.getByText('the file leave.csv').waitFor();
    await page.getByRole('button', { name: `Start for ${people.length} people` }).click();
    await page.getByText('Done', { exact: true }).first().waitFor();
    await page.getByText(`${people.length} of ${people.length}`).waitFor();
    const chosen = new Set(people.map(({ id }) => id));
    const truth = await truthOf<{ id: string; status: string }>(strong(), 'people');
    expect(new Set(truth.filter(({ id }) => chosen.has(id)).map(({ status }) => status))).toEqual(
      new Set(['SUSPENDED']),
    );
    expect(await watched.barriers()).toEqual([]);
  });

  it('follows a job only while it moves, and sees when somebody else lets it go on', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { people } = await api.call<{ people: { id: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&status=ACTIVE&sort=email&order=desc&limit=8`,
    );
    const chosen = people.map(({ id }) => `people=${id}`).join('&');
    await page.goto(`/jobs/new?in=${acme.id}&action=expire_user_password&${chosen}`);
    await page.getByLabel('Reason').fill('A leak elsewhere');
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    const start = page.getByRole('button', { name: `Start for ${people.length} people` });
    await start.waitFor();
    const followed = new Set<unknown>();
    page.on('request', (request) => request.url().endsWith('/progress') && followed.add(request));
    for (const end of ['requestfinished', 'requestfailed'] as const)
      page.on(end as 'requestfailed', (request) => followed.delete(request));
    await strong().control('PUT', 'faults', [
      { kind: 'latency', path: '/api/v1/users', milliseconds: 1_000, times: 60 },
    ]);
    await start.click();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await until(
      () => Promise.resolve(followed.size),
      (open) => open === 0,
    );
    const health = await page.context().newPage();
    await health.goto('/health');
    const still = health.getByRole('region', { name: 'What stands still' });
    await still.getByRole('link', { name: `Expire User Password for ${people.length} people` }).click();
    await health.getByRole('button', { name: 'Go on' }).waitFor();
    await health.close();
    await strong().control('PUT', 'faults', []);
    const job = /\/jobs\/(\w+)/.exec(page.url())![1]!;
    await api.call('POST', `/bulk/${job}/resume`);
    await page.getByText(`${people.length} of ${people.length}`).waitFor();
    await page.getByText('Done', { exact: true }).first().waitFor();
  });

  it('keeps filters in the address, so that a link and the way back lead where they say', async () => {
    const { page } = watched;
    await page.goto('/people?status=SUSPENDED');
    const rows = page.getByRole('row');
    await rows.nth(12).waitFor();
    await page.getByRole('searchbox').fill('zzzz-nobody');
    await expectText('Nobody fits');
    await page.waitForURL(/search=zzzz-nobody/);
    await page.reload();
    await expectText('Nobody fits');
    await page.goto('/people?status=SUSPENDED');
    await rows.nth(1).getByRole('link').click();
    await page.getByRole('button', { name: 'Take action' }).first().waitFor();
    await page.goBack();
    await page.waitForURL(/status=SUSPENDED/);
    await rows.nth(12).waitFor();
  });

  it('takes what an address says and cannot be for not said', async () => {
    const { page } = watched;
    const rows = page.getByRole('row');
    await page.goto('/people?status=NOPE&window=-1&sort=x');
    await rows.nth(12).waitFor();
    await page.goto('/audit?from=2026-13-45&to=rubbish&outcome=zzz');
    await rows.nth(5).waitFor();
    // In the zone that the workspace has by now.
    const today = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Tokyo' }).format();
    await page.goto(`/audit?from=${today}&to=${today}`);
    await rows.nth(5).waitFor();
    await page.goto('/settings?tab=zzz');
    await page.getByRole('button', { name: 'New API key' }).waitFor();
    for (const nowhere of ['/runs/x', '/people/x/y', '/integrations/okta/con_1']) {
      await page.goto(nowhere);
      await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
    }
    // What is not known is not said to be unused.
    await page.goto('/?window=90');
    await page.getByText(/^Sign-ins are known since .* only\./).waitFor();
    await page.goto('/?window=30');
    await page.locator('#most-unused').waitFor();
    expect(await page.getByText('Sign-ins are known since').count()).toBe(0);
    expect(watched.faults).toEqual([]);
  });

  it('keeps what was chosen in a form in sight, forgets what was tried before, and lets sign in who was signed out', async () => {
    const operator = await enter('operator', api);
    const { page } = operator;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { people } = await api.call<{ people: { id: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&status=ACTIVE&limit=1`,
    );
    await page.goto(`/people/${acme.id}/${people[0]!.id}`);
    await page.getByRole('button', { name: 'Take action' }).first().click();
    await page.getByRole('menuitem', { name: 'Assign User to Application' }).click();
    const panel = page.getByRole('dialog', { name: 'Take action' });
    const app = panel.getByRole('button', { name: /App$/ }).last();
    await app.click();
    await page.getByRole('option').first().click();
    const chosen = await app.innerText();
    await panel.getByLabel('Search an app').fill('zzzz');
    await page.waitForResponse((response) => response.url().includes('search=zzzz'));
    expect(await app.innerText()).toBe(chosen);
    await panel.getByLabel('Reason').fill('Joins the team');
    await panel.getByRole('button', { name: 'Dry run' }).click();
    const tried = panel.getByText('Everything was checked, and nothing was sent.');
    await tried.waitFor();
    await panel.getByLabel('User name in the app').fill('another');
    await tried.waitFor({ state: 'detached' });
    await page.context().clearCookies();
    await panel.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('heading', { name: 'Sign in to Seatwise' }).waitFor();
    await page.context().close();
  });

  it('shows around whoever asks for it, by the keyboard, wide and narrow, and once only whoever does not', async () => {
    const titles = ['Who holds a seat, and who uses it', 'Seats that nobody uses', 'Act, and take it back', 'Your Okta orgs', 'That is all']; // prettier-ignore
    const email = 'guest@acme.example';
    await api.call('POST', '/members', { email, name: 'Guest Weaver', role: 'viewer' });
    const guest = await Watched.open(browser, seatwise.gatewayUrl);
    const { page } = guest;
    const signIn = async (more: string) => {
      const { path } = await api.call<{ path: string }>('POST', '/sign-in-links', { email });
      await page.context().clearCookies();
      await page.goto('/sign-in');
      await page.goto(`${path}${more}`);
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.getByText('Apps with most unused seats').waitFor();
    };
    const step = (title: string) => page.getByRole('dialog', { name: title });
    await signIn('');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await signIn('&tour');
    const covers = async (title: string, shown: string) => {
      const [over, under] = await Promise.all([step(title).boundingBox(), page.locator(shown).first().boundingBox()]);
      return (
        over!.x < under!.x + under!.width &&
        under!.x < over!.x + over!.width &&
        over!.y < under!.y + under!.height &&
        under!.y < over!.y + over!.height
      );
    };
    for (const title of titles) {
      await step(title).waitFor();
      expect(await guest.barriers()).toEqual([]);
      for (const shown of ['#seats', 'canvas', '#most-unused'])
        if (titles.indexOf(title) < 2)
          expect([title, shown, await covers(title, shown)]).toEqual([title, shown, false]);
      await page.keyboard.press('Enter');
    }
    const ends = await page.locator('#most-unused, #page section:has(h2:text("Latest actions"))').all();
    const [left, right] = await Promise.all(ends.map((panel) => panel.boundingBox()));
    expect(Math.abs(left!.y + left!.height - right!.y - right!.height)).toBeLessThan(2);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await signIn('&tour');
    expect(await page.getByRole('dialog').count()).toBe(0);

    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/apps');
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('button', { name: /Guest Weaver/ }).click();
    await page.getByRole('menuitem', { name: 'Show me around' }).click();
    for (const title of titles.slice(0, 3)) {
      await step(title).waitFor();
      expect(await guest.barriers()).toEqual([]);
      await page.keyboard.press('Enter');
    }
    await step(titles[3]!).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(guest.faults).toEqual([]);
  });

  it('fits a phone on every page, and has the columns, the file and the choosing of people there', async () => {
    const storageState = await watched.page.context().storageState();
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, storageState } as const;
    const places = await placesOf(api);
    const longest = places.find(({ name }) => name === 'person-apps')!;
    const found: Record<string, string[]> = {};
    const all = [...places, { name: 'person-year', path: `${longest.path}&window=365` }];
    for await (const [{ name }, { page }] of visited(browser, seatwise.gatewayUrl, all, phone)) {
      const faults = await page.evaluate<string[]>(unfit);
      if (faults.length > 0) found[name] = faults;
    }
    expect(found).toEqual({});

    const small = await Watched.open(browser, seatwise.gatewayUrl, phone);
    const { page } = small;
    // As wide as a page at 400 % on a screen of 1280 px.
    await page.setViewportSize({ width: 320, height: 640 });
    const [connection] = await api.connections();
    for (const [path, shown] of [
      [`/integrations/okta/${connection!.id}`, 'Last good'],
      ['/health', '/api/v1/logs'],
    ] as const) {
      await page.goto(path);
      await page.getByText(shown).first().waitFor();
      expect([path, await page.evaluate<string[]>(tooWide)]).toEqual([path, []]);
    }
    await page.setViewportSize(phone.viewport);
    await page.goto('/people');
    await page.getByRole('link', { name: 'Download CSV' }).waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('option', { name: 'E-mail' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'E-mail' }).waitFor();
    const box = page.getByRole('row').nth(1).getByRole('checkbox');
    const chosen = (await box.getAttribute('aria-label'))!.replace('Select ', '');
    await page.getByRole('row', { name: chosen }).first().locator('label').click();
    await page.getByText('1 selected').waitFor();
    expect(await small.barriers()).toEqual([]);
    await page.getByRole('link', { name: 'Act on them' }).click();
    await page.getByText('One person was chosen from the list.').waitFor();
    expect(small.faults).toEqual([]);
  });

  it('leads to a page of the events that fits a phone, light and dark, and that needs nobody to sign in', async () => {
    await watched.page.goto('/settings?tab=workspace');
    await watched.page.getByRole('link', { name: 'Everything that is published on NATS' }).click();
    await watched.page.getByRole('heading', { name: 'Seatwise events' }).waitFor();
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      const guest = await Watched.open(browser, seatwise.gatewayUrl, { colorScheme, viewport: { width, height: 844 } });
      const { page } = guest;
      await page.goto('/api/v1/reference/events');
      await page.getByRole('link', { name: 'usage-day.changed' }).click();
      await page.getByText('seatwise.v1.{workspace}.usage-day.changed').waitFor();
      // And what is folded, of those that have every kind of it.
      for (const section of ['start', 'signInsRecorded', 'actionFailed'])
        await page.evaluate(
          `document.querySelectorAll('[aria-labelledby="${section}"] details').forEach((one) => { one.open = true; })`,
        );
      expect(await page.evaluate<string[]>(unfit)).toEqual([]);
      expect(await guest.barriers()).toEqual([]);
      expect(guest.faults).toEqual([]);
    }
  });

  it('says why an assigned person has no seat where the assignment itself is the reason', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const seatless: Record<string, string> = { INACTIVE: 'inactive', SUSPENDED: 'suspended', DEPROVISIONED: 'deactivated', REVOKED: 'revoked' }; // prettier-ignore
    const truth = await truthOf<{ app: string; person: string; status: string }>(strong(), 'assignments');
    const active = new Set(await activePeople(strong()));
    const one = truth.find(({ person, status }) => active.has(person) && seatless[status])!;
    const words = seatless[one.status]!;
    await page.goto(`/apps/${acme.id}/${one.app}?seat=none`);
    const { people } = await api.call<{ people: { id: string; name: string; assignment: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&app=${one.app}&seat=none&limit=200`,
    );
    const listed = people.find(({ id }) => id === one.person)!;
    expect(listed.assignment).toBe(one.status);
    await page
      .getByRole('row', { name: listed.name })
      .getByText(`Takes no seat: the assignment itself is ${words}.`)
      .first()
      .waitFor();
    await page.goto(`/people/${acme.id}/${one.person}`);
    await page.getByText(`Assignment ${words}`).first().waitFor();
    expect(await watched.barriers()).toEqual([]);
  });

  it('names in the audit log what was done and to whom, and finds it by its name and by an id', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const rows = page.getByRole('row');
    await page.goto('/audit');
    await page.getByRole('searchbox').fill('Add User to Group');
    await page.waitForURL(/search=Add/);
    // That it was asked for, and what came of it.
    await page.getByText('2 rows').waitFor();
    await rows.getByRole('link', { name: 'Add User to Group', exact: true }).first().waitFor();
    const { actions } = await api.call<{ actions: { id: string }[] }>(
      'GET',
      '/actions?action=add_user_to_group&limit=1',
    );
    await page.getByRole('searchbox').fill(actions[0]!.id);
    await page.waitForURL(new RegExp(`search=${actions[0]!.id}`));
    // That it was taken at the door as well.
    await page.getByText('3 rows').waitFor();
    await rows.getByRole('link', { name: 'Action: Add User to Group' }).first().waitFor();
    await page.getByRole('searchbox').fill('connection connected');
    await page.waitForURL(/search=connection/);
    await rows.getByRole('link', { name: 'Acme', exact: true }).click();
    await page.waitForURL(`/integrations/okta/${acme.id}`);
    expect(await watched.barriers()).toEqual([]);
  });

  it('lists with the health of the system what stands still and what was refused, each with the way to it', async () => {
    const { page } = watched;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const { people } = await api.call<{ people: { id: string; login: string }[] }>(
      'GET',
      `/people?connection=${acme.id}&status=DEPROVISIONED&limit=3`,
    );
    await page.goto(`/jobs/new?in=${acme.id}&action=suspend_user&${people.map(({ id }) => `people=${id}`).join('&')}`);
    await page.getByLabel('Reason').fill('They are gone already');
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    await page.getByText(`Their status does not allow it: ${people.length}`).waitFor();
    await page.getByRole('cell', { name: 'Would be refused: their status does not allow it', exact: true }).first().waitFor(); // prettier-ignore
    await page.getByRole('button', { name: 'Discard it' }).waitFor();
    await page.getByRole('button', { name: `Start for ${people.length} people` }).click();
    await page.getByText(`${people.length} of ${people.length}`).waitFor();

    await page.goto('/health');
    const refused = page.getByRole('region', { name: 'What failed or was refused lately' }).getByRole('row');
    const row = refused.filter({ hasText: people[0]!.login });
    await row.getByText('Refused').waitFor();
    expect(await watched.barriers()).toEqual([]);
    await row.getByRole('link', { name: `Suspend User, ${people[0]!.login}` }).click();
    await page.getByRole('heading', { name: 'Suspend User' }).waitFor();
  });

  it('lets who may only look do nothing else', async () => {
    const viewer = await enter('viewer', api);
    const { page } = viewer;
    await page.goto('/integrations');
    await page.getByText('An admin of this workspace can connect an org.').waitFor();
    await page.goto('/audit');
    await page.getByText('Your role does not allow this').waitFor();
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    await page.goto(`/integrations/okta/${acme.id}`);
    await page.getByRole('button', { name: 'Sync now' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sync now' }).isDisabled()).toBe(true);
    await page.getByText('Only operators and admins do this.').waitFor();
    const { people } = await api.call<{ people: { id: string }[] }>('GET', `/people?connection=${acme.id}&limit=1`);
    await page.goto(`/people/${acme.id}/${people[0]!.id}`);
    await page.getByText('Your role does not allow actions.').waitFor();
    expect(await page.getByRole('button', { name: 'Take action' }).count()).toBe(0);

    await page.goto('/settings');
    const password = page.getByLabel('New password');
    const set = page.getByRole('button', { name: 'Set a password' });
    await password.fill('short');
    await set.click();
    await page.getByText('A password has at least 12 characters.').waitFor();
    await password.fill('correct horse battery staple');
    await set.click();
    await page.getByRole('button', { name: 'Change password' }).waitFor();
    expect(viewer.faults).toEqual([]);

    // Their session ends elsewhere.
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByText('Your session is over').waitFor();
  });

  it('shows a person of another workspace nothing of this one', async () => {
    const other = await enter('operator', (await seatwise.workspace('Other')).api);
    const { page } = other;
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    await page.goto('/integrations');
    await page.getByRole('heading', { name: 'Integrations' }).waitFor();
    expect(await page.getByText('Acme', { exact: true }).count()).toBe(0);
    await page.goto(`/integrations/okta/${acme.id}`);
    await page.getByText(`This workspace has no connection ${acme.id}.`).waitFor();
    await page.getByRole('heading', { name: 'Okta', exact: true }).waitFor();
    await page
      .getByRole('navigation', { name: 'Where this belongs' })
      .getByRole('link', { name: 'Integrations' })
      .click();
    await page.goto(`/people?connection=${acme.id}`);
    await page.getByText(`This workspace has no connection ${acme.id}.`).waitFor();
    expect(other.faults).toEqual([]);
  });

  it('draws every chart in colour also where motion is reduced', async () => {
    const acme = (await api.connections()).find(({ name }) => name === 'Acme')!;
    const storageState = await watched.page.context().storageState();
    const still = await Watched.open(browser, seatwise.gatewayUrl, { storageState, reducedMotion: 'reduce' });
    await still.page.goto(`/apps/${acme.id}/okta?tab=usage`);
    await still.page.locator('canvas').nth(3).waitFor();
    const areColoured = await still.page.evaluate<boolean[]>(`[...document.querySelectorAll('canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.some((red, at) => at % 4 === 0 && data[at + 1] - red > 50);
    })`);
    expect(areColoured).toEqual([true, true, true, true]);
    expect(still.faults).toEqual([]);
    await still.page.context().close();
  });

  it('costs less than 300 kB of script until Overview is there with its charts', async () => {
    const storageState = await watched.page.context().storageState();
    const first = await Watched.open(browser, seatwise.gatewayUrl, { storageState });
    await first.page.goto('/');
    await first.page.locator('canvas').first().waitFor();
    const sizes = await first.page.evaluate<number[]>(`performance.getEntriesByType('resource')
      .filter(({ name }) => name.endsWith('.js')).map(({ transferSize }) => transferSize)`);
    // None of them from a cache.
    expect(sizes).not.toContain(0);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(300_000);
    await first.page.context().close();
  });

  it('says of one tab alone that it is the one shown', async () => {
    const { page } = watched;
    await page.goto('/settings?tab=members');
    const shown = page.getByRole('navigation', { name: 'Settings' }).locator('[aria-current]');
    await shown.first().waitFor();
    expect(await shown.allTextContents()).toEqual(['Members']);
  });

  it('is without barriers and without a word in the console on every page, light and dark, wide and narrow', async () => {
    const places = await placesOf(api);
    expect(places.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['person-apps', 'app', 'action', 'job', 'run']),
    );
    const storageState = await watched.page.context().storageState();
    const looks = [
      { colorScheme: 'light', viewport: { width: 1280, height: 820 } },
      { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
    ] as const;
    const found: Record<string, string[]> = {};
    for (const look of looks)
      for await (const [{ name }, seen] of visited(browser, seatwise.gatewayUrl, places, { ...look, storageState })) {
        const faults = [...(await seen.barriers()), ...seen.faults.splice(0)];
        if (faults.length > 0) found[`${name} ${look.colorScheme}`] = faults;
      }
    expect(found).toEqual({});
  });

  async function expectText(text: string): Promise<void> {
    await watched.page.getByText(text).first().waitFor();
  }

  /** One of these people whose seat in the app is their own, and not a group's. */
  async function firstWithDirect(connection: string, app: string, people: { id: string }[]) {
    for (const { id } of people) {
      const { usage } = await api.call<{ usage: { seats: { app: string; scope?: string; label: string }[] } }>(
        'GET',
        `/connections/${connection}/people/${id}`,
      );
      const seat = usage.seats.find((one) => one.app === app && one.scope === 'USER');
      if (seat) return { id, label: seat.label };
    }
    throw new Error('nobody has a seat of their own there');
  }
});
