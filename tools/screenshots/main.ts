import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, Watched } from '../harness/page.js';
import { placesOf, visited } from '../harness/pages.js';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';
import { signInAddress } from '../start/workspace.js';
import { doDeeds } from './deeds.js';

const usage = `npm run screenshots -- [options]
  --sizes empty,demo       which workspaces: one without a connection, and one with the org that \`npm start\` brings
  --people 200000          beside them an org of so many people, with fewer apps and sign-ins of each
  --pages overview,app     these pages alone, by the names of their pictures

A picture of every page is written to .seatwise/screenshots/{size}/{look}-{device}/{page}.png.`;

const looks = ['light', 'dark'] as const;
const devices = {
  desktop: { viewport: { width: 1280, height: 820 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
};
const demoPeople = '3000';
/** Of an org of many people: with all the assignments and sign-ins of the demo's its sync would take an hour. */
const thin = { SIMULATOR_ASSIGNMENTS_PER_PERSON: '3', SIMULATOR_SIGN_INS_PER_PERSON_30D: '6' };
const folder = '.seatwise/screenshots';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: 'empty,demo' },
    people: { type: 'string' },
    pages: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else await pictures();

async function pictures(): Promise<void> {
  const asked = values.sizes.split(',');
  const people = [...(asked.includes('demo') ? [demoPeople] : []), ...(values.people ? [values.people] : [])];
  const seatwise = await Seatwise.start(
    people.map((count, at) => ({
      SIMULATOR_PEOPLE: count,
      SIMULATOR_SEED: String(at + 1),
      SIMULATOR_FROZEN: 'false',
      ...(count !== demoPeople && thin),
    })),
    { LEASE_SECONDS: '10' },
    values.people ? { mongodCacheGb: 4 } : {},
  );
  let browser: Browser | undefined;
  try {
    browser = await openBrowser();
    if (asked.includes('empty')) await sizeOf('empty', browser, (await seatwise.workspace('Acme')).api);
    for (const [at, count] of people.entries()) {
      const { api } = await seatwise.workspace('Acme');
      await fill(seatwise, api, seatwise.orgs[at]!);
      await sizeOf(count === demoPeople ? 'demo' : count, browser, api);
    }
  } finally {
    await browser?.close();
    await seatwise.stop();
  }
}

/** The workspace as it is when the org was connected, read and worked with. */
async function fill(seatwise: Seatwise, api: Api, { url, token }: TestOrg): Promise<void> {
  const connection = await api.connect({ orgUrl: url, token, name: 'Demo org', level: 'read_and_act' });
  await seatwise.ended(api, connection);
  await doDeeds(api, connection.id);
}

async function sizeOf(size: string, browser: Browser, api: Api): Promise<void> {
  const wanted = values.pages?.split(',');
  const places = (await placesOf(api)).filter(({ name }) => !wanted || wanted.includes(name));
  const { page } = await Watched.open(browser, api.url);
  await page.goto(await signInAddress(api, false));
  await page.getByRole('navigation').waitFor();
  const storageState = await page.context().storageState();
  await page.context().close();
  for (const colorScheme of looks)
    for (const [device, options] of Object.entries(devices)) {
      const to = join(folder, size, `${colorScheme}-${device}`);
      if (!wanted) rmSync(to, { recursive: true, force: true });
      const look = { ...options, colorScheme, storageState, reducedMotion: 'reduce' } as const;
      for await (const [{ name }, watched] of visited(browser, api.url, places, look)) {
        await unrolled(watched.page);
        await watched.page.screenshot({ path: join(to, `${name}.png`) });
        await watched.page.setViewportSize(options.viewport);
        for (const fault of watched.faults.splice(0)) console.log(`${to}, ${name}: ${fault}`);
      }
    }
  console.log(`${join(folder, size)}: ${places.length} pages`);
}

/** Makes the window as high as what scrolls in it, so that the picture has all of the page. */
async function unrolled(page: Page): Promise<void> {
  const { width, height } = page.viewportSize()!;
  const hidden = await page.getByRole('main').evaluate((main) => main.scrollHeight - main.clientHeight);
  if (hidden === 0) return;
  await page.setViewportSize({ width, height: height + hidden });
  await page.getByRole('main').evaluate(() => new Promise((drawn) => setTimeout(drawn, 200)));
}
