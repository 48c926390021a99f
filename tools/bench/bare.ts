import { mongo } from 'mongoose';

/** What a bare loop came to. */
export interface Bare {
  items: number;
  requests: number;
  seconds: number;
}

interface Page {
  items: Record<string, unknown>[];
  next: string | undefined;
}

/** An org as the loop reaches it, and where it writes; without a database it only pages. */
export interface BareTarget {
  url: string;
  token: string;
  db?: mongo.Db;
}

const deprovisioned = encodeURIComponent('status eq "DEPROVISIONED"');
/** The same events that a sync asks for. */
const signInEvents = encodeURIComponent('eventType eq "user.session.start" or eventType eq "user.authentication.sso"');
/** A bulk that nothing orders, acknowledged as Seatwise's own writes are: by a majority, in its journal. */
const unordered = { ordered: false, writeConcern: { w: 'majority', journal: true } } as const;

/**
 * The ceiling that a sync is held to: a loop that asks for one page after another, as large as Okta gives them, and
 * bulk-writes each as it comes. No checkpoint, no comparing, no event, no transaction, nobody told.
 */
export class BareLoop {
  private requests = 0;

  constructor(private readonly target: BareTarget) {}

  people = () =>
    this.timed(async () => {
      const living = await this.list('/api/v1/users?limit=200', (page) => this.keep('people', page, idOf));
      const gone = await this.list(`/api/v1/users?limit=200&filter=${deprovisioned}`, (page) =>
        this.keep('people', page, idOf),
      );
      return living + gone;
    });

  assignments = () =>
    this.timed(async () => {
      let items = 0;
      for (const app of await this.ids('/api/v1/apps?limit=200')) {
        items += await this.list(`/api/v1/apps/${app}/users?limit=500`, (page) =>
          this.keep('assignments', page, (item) => `${app}|${String(item.id)}`),
        );
        await this.list(`/api/v1/apps/${app}/groups?limit=200`, (page) =>
          this.keep('app_groups', page, (item) => `${app}|${String(item.id)}`),
        );
      }
      return items;
    });

  memberships = () =>
    this.timed(async () => {
      let items = 0;
      for (const group of await this.ids('/api/v1/groups?limit=200'))
        items += await this.list(`/api/v1/groups/${group}/users?limit=1000`, (page) =>
          this.keep('memberships', page, (item) => `${group}|${String(item.id)}`),
        );
      return items;
    });

  /** Sign-ins under their ids, and the counts of their days. */
  signIns = (since: Date) =>
    this.timed(async () => {
      let items = 0;
      const from = encodeURIComponent(since.toISOString());
      await this.list(
        `/api/v1/logs?since=${from}&sortOrder=ASCENDING&limit=1000&filter=${signInEvents}`,
        async (page) => {
          const signIns = page.filter(isSuccess).map(signInOf);
          items += signIns.length;
          await this.keep('sign_ins', signIns, ({ uuid }) => uuid);
          await this.count(signIns);
        },
      );
      return items;
    });

  private async ids(path: string): Promise<string[]> {
    const ids: string[] = [];
    await this.list(path, async (page) => {
      await this.keep('scopes', page, idOf);
      ids.push(...page.map(idOf));
    });
    return ids;
  }

  private async list(path: string, write: (page: Page['items']) => Promise<void>): Promise<number> {
    let items = 0;
    for (let next: string | undefined = `${this.target.url}${path}`; next;) {
      const page = await this.page(next);
      items += page.items.length;
      if (page.items.length > 0) await write(page.items);
      // A log that is polled always names a next page; an empty one is its end.
      next = page.items.length > 0 ? page.next : undefined;
    }
    return items;
  }

  private async page(url: string): Promise<Page> {
    this.requests += 1;
    const response = await fetch(url, { headers: { authorization: `SSWS ${this.target.token}` } });
    if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
    const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    return { items: (await response.json()) as Page['items'], next };
  }

  private async keep<T extends object>(into: string, page: T[], id: (item: T) => string): Promise<void> {
    await this.target.db?.collection<{ _id: string }>(into).bulkWrite(
      page.map((item) => ({
        replaceOne: { filter: { _id: id(item) }, replacement: { ...item }, upsert: true },
      })),
      unordered,
    );
  }

  private async count(page: ReturnType<typeof signInOf>[]): Promise<void> {
    const days = new Map<string, number>();
    for (const { person, app, published } of page) {
      const day = `${app}|${person}|${published.slice(0, 10)}`;
      days.set(day, (days.get(day) ?? 0) + 1);
    }
    await this.target.db?.collection<{ _id: string; n: number }>('days').bulkWrite(
      [...days].map(([_id, n]) => ({ updateOne: { filter: { _id }, update: { $inc: { n } }, upsert: true } })),
      unordered,
    );
  }

  private async timed(work: () => Promise<number>): Promise<Bare> {
    this.requests = 0;
    const started = performance.now();
    const items = await work();
    return { items, requests: this.requests, seconds: (performance.now() - started) / 1_000 };
  }
}

const idOf = (item: Page['items'][number]): string => String(item.id);

interface LogEvent {
  uuid: string;
  eventType: string;
  published: string;
  outcome?: { result?: string };
  actor?: { id?: string };
  target?: { id?: string; type?: string }[] | null;
}

const isSuccess = (item: Record<string, unknown>): boolean =>
  (item as unknown as LogEvent).outcome?.result === 'SUCCESS';

function signInOf(item: Record<string, unknown>) {
  const { uuid, eventType, published, actor, target } = item as unknown as LogEvent;
  const instance = target?.find(({ type }) => type === 'AppInstance')?.id;
  return {
    uuid,
    published,
    person: actor?.id ?? '',
    app: eventType === 'user.session.start' ? 'okta' : (instance ?? ''),
  };
}
