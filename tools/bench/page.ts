import type { Browser, Page } from 'playwright-core';
import { openBrowser, Watched } from '../harness/page.js';
import { Seatwise, type TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';
import { signInAddress } from '../start/workspace.js';
import { drained, orgOf, type Say, type Size } from './org.js';
import { runEnded } from './speed.js';
import { percentiles, timed, type Percentiles } from './times.js';

/** How long somebody waits at the page, and for the request alone that it made. */
export interface PageAnswer {
  what: string;
  ours: Percentiles;
  bare: Percentiles;
}

/** The dashboard in a browser that was never there before, on an org of this size. */
export interface PageFigures {
  people: number;
  /** From the navigation until Overview shows its figures, of several first visits. */
  firstViewSeconds: Percentiles;
  /** Of scripts over the wire, compressed: until then, and when the charts have come too. */
  scriptBytes: { firstView: number; whole: number };
  answers: PageAnswer[];
  /** While the list of people scrolls. */
  scrolling: { seconds: number; frames: number; longestFrameMs: number; rowsLoaded: number };
}

const visits = 5;
const rounds = 40;
const scrollSeconds = 5;
/** So many pixels a frame: a good hundred rows a second. */
const scrollStep = 80;

export async function pageOf(size: Size, say: Say): Promise<PageFigures> {
  // First: where there is none, nobody waits for a sync before they hear of it.
  const browser = await openBrowser();
  let seatwise: Seatwise | undefined;
  try {
    seatwise = await Seatwise.start(
      [orgOf(size, 2)],
      { LEASE_SECONDS: '10', LOG_EVERY_SECONDS: '3600' },
      { mongodCacheGb: size.cacheGb },
    );
    const [org] = seatwise.orgs as [TestOrg];
    const { api } = await seatwise.workspace('Bench');
    const connection = await api.connect({ orgUrl: org.url, token: org.token });
    await api.call('PATCH', `/connections/${connection.id}`, { syncEveryMinutes: 1440 });
    await runEnded(api, connection);
    await drained(seatwise);
    say(`${size.people} people are synced`);
    return await new PageBench(browser, api, say).figures(size.people);
  } finally {
    await browser.close();
    await seatwise?.stop();
  }
}

/** One thing to do on a page that makes it show other rows. */
interface Deed {
  /** What must be done before, which is not counted. */
  first?: () => Promise<unknown>;
  does: () => Promise<unknown>;
}

class PageBench {
  private signedIn: NonNullable<Parameters<Browser['newContext']>[0]> = {};

  constructor(
    private readonly browser: Browser,
    private readonly api: Api,
    private readonly say: Say,
  ) {}

  async figures(people: number): Promise<PageFigures> {
    const { page } = await Watched.open(this.browser, this.api.url);
    await page.goto(await signInAddress(this.api, false));
    await page.getByRole('navigation').waitFor();
    this.signedIn = { storageState: await page.context().storageState() };
    await page.context().close();
    const first = await this.firstViews();
    this.say(`first view after ${first.firstViewSeconds.p50.toFixed(2)} s, ${first.scriptBytes.firstView} B of script`);
    const answers: PageAnswer[] = [];
    for (const list of ['people', 'apps'] as const)
      for (const [what, deeds] of this.deedsIn(list)) {
        answers.push({ what: `${list}: ${what}`, ...(await this.answersOf(list, deeds)) });
        this.say(`${list}: ${what} answered in ${answers.at(-1)?.ours.p50.toFixed(0)} ms`);
      }
    return { people, ...first, answers, scrolling: await this.scrolling() };
  }

  private async visit(): Promise<Page> {
    return (await Watched.open(this.browser, this.api.url, this.signedIn)).page;
  }

  /** Each with nothing in any cache of the browser. */
  private async firstViews(): Promise<Pick<PageFigures, 'firstViewSeconds' | 'scriptBytes'>> {
    const times: number[] = [];
    const scriptBytes = { firstView: 0, whole: 0 };
    for (let visit = 0; visit < visits; visit += 1) {
      const page = await this.visit();
      await page.addInitScript(noteFirstView);
      await page.goto('/');
      await page.locator('canvas').first().waitFor();
      const firstView = await page.evaluate<number>('firstView');
      times.push(firstView / 1_000);
      scriptBytes.firstView = await page.evaluate<number>(scriptsUntil(firstView));
      scriptBytes.whole = await page.evaluate<number>(scriptsUntil(Infinity));
      await page.context().close();
    }
    return { firstViewSeconds: percentiles(times), scriptBytes };
  }

  /** What is done in a list, each to be asked of the server anew: nothing is done twice between two loads of the page. */
  private *deedsIn(list: 'people' | 'apps'): Generator<[string, (page: Page) => Deed[]]> {
    const columns =
      list === 'people' ? ['E-mail', 'Status', 'Last sign-in', 'Name'] : ['App', 'Seats', 'Used', 'Unused'];
    yield [
      'sort',
      (page) =>
        columns.map((name) => ({
          does: () => page.getByRole('columnheader', { name, exact: true }).getByRole('button').click(),
        })),
    ];
    yield [
      'search',
      (page) =>
        // A letter each: who types is answered while typing.
        'bcdfgjlmprsw'.split('').map((letter) => ({
          first: () => page.getByRole('searchbox').press('Control+a'),
          does: () => page.keyboard.press(letter),
        })),
    ];
    if (list === 'people')
      yield [
        'filter',
        (page) =>
          ['Unused', 'No seat', 'Used'].map((name) => ({
            first: () => page.getByRole('button', { name: /Seat/ }).first().click(),
            does: () => page.getByRole('option', { name, exact: true }).click(),
          })),
      ];
  }

  /** By turns at the page and by its bare request. */
  private async answersOf(list: string, deeds: (page: Page) => Deed[]): Promise<Pick<PageAnswer, 'ours' | 'bare'>> {
    const ours: number[] = [];
    const bare: number[] = [];
    const page = await this.visit();
    let asked = '';
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === `/api/v1/${list}`) asked = `/${list}${search}`;
    });
    while (ours.length < rounds) {
      await page.goto(`/${list}`);
      await page.getByRole('row').nth(5).waitFor();
      for (const { first, does } of deeds(page)) {
        await first?.();
        await page.evaluate(`globalThis.answered = ${untilAnswered};0`);
        await does();
        ours.push(await page.evaluate<number>('answered'));
        bare.push(await timed(() => this.api.call('GET', asked)));
      }
    }
    await page.context().close();
    return { ours: percentiles(ours), bare: percentiles(bare) };
  }

  private async scrolling(): Promise<PageFigures['scrolling']> {
    const page = await this.visit();
    await page.goto('/people');
    await page.getByRole('row').nth(5).waitFor();
    const scrolled = await page.evaluate<Omit<PageFigures['scrolling'], 'seconds'>>(scroll);
    await page.context().close();
    this.say(`scrolling: longest frame ${scrolled.longestFrameMs.toFixed(0)} ms`);
    return { seconds: scrollSeconds, ...scrolled };
  }
}

// In the page: when Overview shows its figures.
const noteFirstView = `new MutationObserver((_changes, seen) => {
  if (![...document.querySelectorAll('h2')].some(({ textContent }) => textContent === 'Okta seats')) return;
  seen.disconnect();
  requestAnimationFrame(() => { globalThis.firstView = performance.now(); });
}).observe(document, { childList: true, subtree: true })`;

// In the page: bytes of the scripts that had come by then, as they came over the wire.
const scriptsUntil = (moment: number) => `performance.getEntriesByType('resource')
  .filter(({ name, responseEnd }) => name.endsWith('.js') && responseEnd <= ${moment})
  .reduce((sum, { transferSize }) => sum + transferSize, 0)`;

// In the page: milliseconds from the next press of a key or the pointer to the frame that has the rows asked for by it. They may
// be the same as before; that the table waited for them is seen as well.
const untilAnswered = `new Promise((resolve, reject) => {
  const rows = () => [...document.querySelectorAll('[role=row][data-index]')].slice(0, 5).map((row) => row.textContent).join();
  const before = rows();
  let began;
  let waited = false;
  const seen = new MutationObserver(() => { waited = true; });
  seen.observe(document.querySelector('[role=table]'), { attributeFilter: ['aria-busy'] });
  const begin = () => { began ??= performance.now(); };
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, begin, { capture: true, once: true });
  const look = () => {
    const waits = document.querySelector('[role=table][aria-busy=true]') !== null;
    if (began === undefined || waits || (!waited && rows() === before)) return requestAnimationFrame(look);
    for (const kind of ['pointerdown', 'keydown']) removeEventListener(kind, begin, { capture: true });
    seen.disconnect();
    resolve(performance.now() - began);
  };
  look();
  setTimeout(() => reject(new Error('nothing came of it')), 20000);
})`;

const scroll = `new Promise((resolve) => {
  const table = document.querySelector('[role=table]');
  const began = performance.now();
  let last = began;
  let frames = 0;
  let longestFrameMs = 0;
  const step = (now) => {
    if (frames > 0) longestFrameMs = Math.max(longestFrameMs, now - last);
    last = now;
    frames += 1;
    table.parentElement.scrollTop += ${scrollStep};
    if (now - began < ${scrollSeconds * 1_000}) return requestAnimationFrame(step);
    const rowsLoaded = Math.round(table.querySelector('[role=rowgroup]:last-child').offsetHeight / 38);
    resolve({ frames, longestFrameMs, rowsLoaded });
  };
  requestAnimationFrame(step);
})`;
