import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { Api } from '../start/api.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const quiet = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking'];

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[] }[];
}

/** Where a Chromium is, by itself or by the name of its makers' own. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The browser of this machine: the one that `CHROMIUM_BINARY` names, one that is installed, or Playwright's own. */
export function openBrowser(): Promise<Browser> {
  const named = process.env.CHROMIUM_BINARY;
  const executablePath = named ?? [...usualPlaces, chromium.executablePath()].find((place) => existsSync(place));
  if (executablePath === undefined)
    throw new Error(
      'There is no Chromium here: install one, name it in CHROMIUM_BINARY, or fetch one by `npx playwright-core install chromium`.',
    );
  return chromium.launch({
    executablePath,
    args: [...quiet, 'disable-component-update', 'disable-sync'].map((flag) => `--${flag}`),
  });
}

/** A page of the dashboard, and everything about it that a person should never have to see. */
export class Watched {
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(
    browser: Browser,
    url: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Watched> {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 820 }, ...options });
    const watched = new Watched(await context.newPage());
    const { page, faults } = watched;
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      const isRefusal = /the server responded with a status of 4\d\d/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !isRefusal) faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) faults.push(`asked ${request.url()}`);
    });
    return watched;
  }

  /** A page on which a new member of the workspace has signed in by a link. */
  static async signedIn(
    browser: Browser,
    admin: Api,
    member: { email: string; name: string; role: 'viewer' | 'operator' | 'admin' },
  ): Promise<Watched> {
    await admin.call('POST', '/members', member);
    const { path } = await admin.call<{ path: string }>('POST', '/sign-in-links', { email: member.email });
    const watched = await Watched.open(browser, admin.url);
    await watched.page.goto(path);
    await watched.page.getByText(member.name).first().waitFor();
    return watched;
  }

  /** What axe finds against WCAG 2.2 AA on the page as it is, when nothing of it fades in or out any more. */
  async barriers(): Promise<string[]> {
    // By the debugger's own way in: the policy of the page lets no other script run.
    await this.page.evaluate(`${axe};0`);
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const violations = await this.page.evaluate<Violation[]>(
      `Promise.allSettled(document.getAnimations()
        .filter(({ effect, playState }) => playState === 'running' && effect?.getComputedTiming().iterations !== Infinity)
        .map(({ finished }) => finished))
        .then(() => axe.run(document, { runOnly: ${JSON.stringify(tags)} }))
        .then(({ violations }) => violations)`,
    );
    return violations.map(
      ({ id, impact, nodes }) => `${impact} ${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    );
  }
}
