import { readMirror, type ConnectionDto } from '@seatwise/contracts';
import { freePort } from '@seatwise/testing';
import type { Browser } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { Receiver } from '../apps/action-service/test/receiver.js';
import { clientId, clientSecret, TestProvider, type Known } from '../apps/gateway/test/provider.js';
import { truthOf } from '../tools/actions/acting.js';
import { openBrowser, Watched } from '../tools/harness/page.js';
import { Seatwise, type TestOrg } from '../tools/harness/seatwise.js';
import { until } from '../tools/harness/until.js';
import type { Api } from '../tools/start/api.js';

describe('the dashboard, where care is needed', () => {
  let seatwise: Seatwise;
  let browser: Browser;
  let provider: TestProvider;
  let api: Api;
  let org: TestOrg;
  let connection: ConnectionDto;
  let admin: Watched;

  beforeAll(async () => {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    provider = await TestProvider.start(`${url}/api/v1/sign-in/oidc/acme/callback`);
    const { issuer } = provider;
    const roles = { Operators: 'operator', Everyone: 'viewer' };
    const scope = 'openid email profile groups';
    const settings = { id: 'acme', name: 'Acme', issuer, clientId, clientSecret, scope, claim: 'groups', roles };
    seatwise = await Seatwise.start(
      [{ SIMULATOR_PEOPLE: '300', SIMULATOR_APPS: '6', SIMULATOR_GROUPS: '4' }],
      {},
      {},
      {
        HTTP_PORT: port,
        PUBLIC_URL: url,
        OIDC_ALLOW_HTTP_ON_LOOPBACK: 'true',
        OIDC_PROVIDERS: JSON.stringify([settings]),
      },
    );
    [org] = seatwise.orgs as [TestOrg];
    browser = await openBrowser();
    ({ api } = await seatwise.workspace('Acme'));
    connection = await api.connect({ orgUrl: org.url, token: org.token, name: 'Acme', level: 'read_and_act' });
    await seatwise.ended(api, connection);
    admin = await Watched.signedIn(browser, api, { email: 'robin@acme.example', name: 'Robin Marlow', role: 'admin' });
  });
  afterAll(async () => {
    await browser?.close();
    await seatwise.stop();
    await provider.close();
  });
  afterEach(() => expect(admin.faults).toEqual([]));

  const activePeople = async (count: number) => {
    const path = `/people?connection=${connection.id}&status=ACTIVE&sort=email&order=desc&limit=${count}`;
    return (await api.call<{ people: { id: string; email: string }[] }>('GET', path)).people;
  };

  it('lets somebody in by a provider with the role of their claim, and says to who is refused what to do', async () => {
    const email = 'ada@acme.example';
    await api.call('POST', '/members', { email, name: 'Ada Lovelace', role: 'viewer' });
    const guest = await Watched.open(browser, seatwise.gatewayUrl);
    const { page } = guest;
    const goOn = () => page.getByRole('button', { name: 'Continue with Acme' }).click();
    await page.goto('/people?status=ACTIVE');
    await goOn();
    await page.getByRole('alert').getByText('Your sign-in provider said no').waitFor();
    const refusals: [Known, string][] = [
      [
        { email: 'stranger@acme.example', email_verified: true, groups: ['Operators'] },
        'You are not a member here yet',
      ],
      [{ email, email_verified: false, groups: ['Operators'] }, 'Your e-mail address is not verified'],
      [{ email, email_verified: true, groups: ['Visitors'] }, 'Your sign-in gives you no role here'],
    ];
    provider.next = 'ada';
    for (const [known, words] of refusals) {
      provider.people.set('ada', known);
      await goOn();
      await page.getByRole('alert').getByText(words).waitFor();
    }
    expect(await guest.barriers()).toEqual([]);
    provider.people.set('ada', { email, email_verified: true, groups: ['Operators', 'Everyone'] });
    await page.goto('/people?status=ACTIVE');
    await goOn();
    await page.getByRole('button', { name: /Ada Lovelace Operator/ }).waitFor();
    await page.waitForURL('/people?status=ACTIVE');
    await page.goto('/settings?tab=account');
    await page.getByText('You sign in by your provider, so there is no password here.').waitFor();
    expect(guest.faults.filter((fault) => !fault.startsWith(`asked ${provider.issuer}/`))).toEqual([]);
  });

  it('does a grave bulk job only after a second person has approved it', async () => {
    const people = await activePeople(2);
    const { page } = admin;
    const chosen = people.map(({ id }) => `people=${id}`).join('&');
    await page.goto(`/jobs/new?in=${connection.id}&action=deactivate_user&${chosen}`);
    await page.getByLabel('Reason').fill('They have left');
    await page.getByRole('button', { name: 'Prepare a preview' }).click();
    await page.getByText('Once started it waits for approval').waitFor();
    await page.getByRole('button', { name: 'Start for 2 people' }).click();
    const own = page.getByText('You prepared it, so another admin has to approve it.');
    await own.waitFor();
    expect(await page.getByRole('button', { name: 'Approve and start' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Download results' }).count()).toBe(0);
    const chosenIds = new Set(people.map(({ id }) => id));
    const statuses = async () =>
      (await truthOf<{ id: string; status: string }>(org, 'people'))
        .filter(({ id }) => chosenIds.has(id))
        .map(({ status }) => status);
    expect(await statuses()).toEqual(['ACTIVE', 'ACTIVE']);

    const second = await Watched.signedIn(browser, api, {
      email: 'sam@acme.example',
      name: 'Sam Okoro',
      role: 'admin',
    });
    await second.page.goto('/jobs');
    await second.page.getByText('One job waits for approval').waitFor();
    await second.page.getByRole('link', { name: 'Deactivate User' }).click();
    await second.page.getByText('robin@acme.example (Admin)').waitFor();
    await second.page.getByRole('button', { name: 'Approve and start' }).click();
    await second.page.getByText('2 of 2').waitFor();
    await second.page.getByText('sam@acme.example (Admin)').waitFor();
    expect(await statuses()).toEqual(['DEPROVISIONED', 'DEPROVISIONED']);
    // The list of people follows a moment later, and the next test chooses from it.
    await until(
      () => activePeople(2),
      (active) => active.every(({ id }) => !chosenIds.has(id)),
    );
    // Whoever prepared it has the page open still.
    await page.getByText('2 of 2').waitFor();
    await own.waitFor({ state: 'detached' });
    expect(second.faults).toEqual([]);
  });

  it('shows a secret once, and never again', async () => {
    const [person] = await activePeople(1);
    const { page } = admin;
    await page.goto(`/people/${connection.id}/${person!.id}`);
    await page.getByRole('button', { name: 'Take action' }).first().click();
    await page.getByRole('menuitem', { name: 'Reset User Password' }).click();
    const panel = page.getByRole('dialog', { name: 'Take action' });
    await panel
      .getByRole('group', { name: 'Okta tells the person by e-mail' })
      .getByRole('button', { name: 'No', exact: true })
      .click();
    await panel.getByLabel('Reason').fill('Asked for at the desk');
    await panel.getByRole('button', { name: 'Do it' }).click();
    await panel.getByText('Shown this once').waitFor();
    const secret = await panel.getByText('Link to reset').locator('xpath=following-sibling::code').innerText();
    expect(secret).toMatch(/^http/);
    const record = panel.getByRole('link', { name: 'See the record' });
    expect(await shownOn(admin)).toContain(secret);
    await record.click();
    await page.getByRole('heading', { name: 'Reset User Password' }).waitFor();
    expect(await shownOn(admin)).not.toContain(secret);
    for (const again of ['reload', '/actions', '/audit'] as const) {
      if (again === 'reload') await page.reload();
      else await page.goto(again);
      await page.getByText('Asked for at the desk').first().waitFor();
      expect(await shownOn(admin)).not.toContain(secret);
    }
    await page.getByRole('row').filter({ hasText: 'robin@acme.example' }).first().waitFor();
    const kept = await page.evaluate<string>('JSON.stringify([localStorage, sessionStorage, history.state])');
    expect(kept).not.toContain(secret);
    expect(JSON.stringify(await api.call('GET', `/actions?person=${person!.id}`))).not.toContain(secret);
  });

  it('sends events to a webhook, shows its secret once, what became of each and why it is off, and sends one again', async () => {
    const receiver = await Receiver.start();
    const { page } = admin;
    await page.goto('/settings?tab=webhooks');
    await page.getByText('No webhook yet').waitFor();
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('https://169.254.169.254/latest');
    await dialog.getByLabel('Description').fill('Ticketing');
    await dialog.getByText('An action failed').click();
    expect(await admin.barriers()).toEqual([]);
    const add = dialog.getByRole('button', { name: 'Add a webhook' });
    await add.click();
    await dialog.getByText('The address must name a host, not a number.').waitFor();
    expect(await dialog.getByLabel('Address').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('Address').fill(`${receiver.url}/hook`);
    await add.click();
    await page.getByRole('heading', { name: 'Keep this secret now' }).waitFor();
    const secret = await dialog.locator('code').innerText();
    expect(await admin.barriers()).toEqual([]);
    await dialog.getByRole('button', { name: 'Close' }).click();
    expect(await page.content()).not.toContain(secret);

    const choose = async (item: string) => {
      await page.getByRole('button', { name: 'More for Ticketing' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await choose('Send a test event');
    const deliveries = page.getByRole('region', { name: 'Deliveries of Ticketing' }).getByRole('row');
    await deliveries.filter({ hasText: 'A test event' }).getByText('Delivered').waitFor();
    const { body, headers } = receiver.at('/hook')[0]!;
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'seatwise.v1.webhook.tested',
    });

    receiver.say = () => 410;
    await choose('Send a test event');
    await page.getByText('Ticketing: Off: gone').waitFor();
    await deliveries.filter({ hasText: 'It answered 410: it is gone for good.' }).getByText('Parked').waitFor();
    expect(await admin.barriers()).toEqual([]);
    receiver.say = () => 204;
    await choose('Switch on');
    await page.getByRole('button', { name: 'Replay all parked' }).click();
    await page.getByText('1 delivery is sent once more.').waitFor();
    await deliveries.filter({ hasText: 'answered 204' }).nth(1).getByText('Delivered').waitFor();
    expect(new Set(receiver.at('/hook').map(({ id }) => id)).size).toBe(2);
    await receiver.stop();
  });

  it('takes nobody away on a suspicious shrink until somebody has looked at the counts and agreed', async () => {
    const before = await peopleInMirror();
    // Not the first: the token is one of theirs, and would die with them.
    const gone = (await truthOf<{ id: string }>(org, 'people')).slice(-80);
    const ids = new Set(gone.map(({ id }) => id));
    for (const id of ids)
      // The first deactivates, the second deletes; one that was deprovisioned is gone with the first.
      for (let times = 0; times < 2; times += 1)
        await org.control('POST', 'act', { method: 'DELETE', path: `/api/v1/users/${id}` });
    const { page } = admin;
    await page.goto(`/integrations/okta/${connection.id}`);
    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByRole('heading', { name: 'A sync waits for you' }).waitFor();
    await page.getByText(`${before} before, ${before - gone.length} after`).waitFor();
    expect(await admin.barriers()).toEqual([]);
    expect(await peopleInMirror()).toBe(before);
    await page.goto('/health');
    const still = page.getByRole('region', { name: 'What stands still' });
    await still.getByRole('link', { name: 'Sync of Acme' }).click();
    await page.waitForURL(/\/runs\/run_/);
    await page.goto(`/integrations/okta/${connection.id}`);
    await page.getByRole('button', { name: 'It is right, go on' }).click();
    await page.getByRole('heading', { name: 'Connected and synced' }).waitFor();
    expect(await peopleInMirror(ids)).toBe(0);
  });

  it('keeps the history of an org that is disconnected, and erases it only after its name was typed', async () => {
    const { page } = admin;
    await page.goto(`/integrations/okta/${connection.id}`);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Disconnect' }).click();
    const disconnect = page.getByRole('dialog', { name: 'Disconnect Acme?' });
    await disconnect.getByText('Erase everything', { exact: true }).first().click();
    const atOnce = disconnect.getByRole('button', { name: 'Erase everything' });
    expect(await atOnce.isDisabled()).toBe(true);
    await disconnect.getByLabel('Type Acme to erase it').fill('Acme');
    expect(await atOnce.isEnabled()).toBe(true);
    await disconnect.getByText('Keep its history', { exact: true }).click();
    await disconnect.getByRole('button', { name: 'Disconnect' }).click();
    await page.getByRole('link', { name: 'Acme' }).click();
    await page.getByRole('heading', { name: 'Disconnected, history kept' }).waitFor();
    await page.goto(`/?connection=${connection.id}`);
    await page.locator('main').getByText('Disconnected, history kept').waitFor();
    await page.goto(`/integrations/okta/${connection.id}`);
    await page.getByRole('button', { name: 'Erase everything' }).click();
    const panel = page.getByRole('dialog', { name: 'Erase Acme?' });
    const erase = panel.getByRole('button', { name: 'Erase everything' });
    expect(await erase.isDisabled()).toBe(true);
    await panel.getByLabel('Type Acme to erase it').fill('Acme');
    expect(await admin.barriers()).toEqual([]);
    await erase.click();
    await page.getByText('No org is connected').waitFor();
    expect(await api.connections()).toEqual([]);
    await page.goto('/people');
    await page.getByRole('heading', { name: 'People' }).waitFor();
    await page.getByText('Nobody').first().waitFor();
  });

  /** How many there are, and of these people. */
  const peopleInMirror = async (among?: Set<string>): Promise<number> => {
    const { id, workspace } = connection;
    const all = { workspace, connection: id, kind: 'person', limit: 2_000 } as const;
    const { items } = await seatwise.bus.request(readMirror, all);
    return items.filter(({ id: person }) => among?.has(String(person)) ?? true).length;
  };
});

const shownOn = ({ page }: Watched): Promise<string> => page.locator('body').innerText();
