import { startSimulator, type GivenOptions, type RunningSimulator } from '../src/index.js';

/** A pause of a test's own org: 3,000 people at a moment that stands still. */
export const quiet: GivenOptions = { seed: 7, now: Date.UTC(2026, 9, 14, 15, 30), frozen: true };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

export type Item = Record<string, unknown> & { id: string };

/** A client of one org, with the token of its administrator unless another is given. */
export class OrgClient {
  constructor(
    readonly running: RunningSimulator,
    private readonly token = '00simulatorSuperAdministratorToken00000000',
  ) {}

  static async start(options: GivenOptions = {}): Promise<OrgClient> {
    return new OrgClient(await startSimulator({ ...quiet, ...options }));
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(path.startsWith('http') ? path : this.running.url + path, {
      method,
      headers: { authorization: `SSWS ${this.token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call('GET', path, undefined, headers);
  }

  async list(path: string): Promise<Item[]> {
    const all: Item[] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const answer: Answer = await this.get(next);
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      const items = answer.body as Item[];
      all.push(...items);
      // A reader of the log is done at the first empty page; of a list at the first without a next.
      next = path.includes('/logs') && items.length === 0 ? undefined : nextOf(answer);
    }
    return all;
  }

  /** What the call was refused with. */
  async refusal(method: string, path: string, body?: unknown): Promise<[status: number, code: string]> {
    const { status, body: error } = await this.call(method, path, body);
    return [status, (error as { errorCode?: string }).errorCode ?? ''];
  }

  truth<T = Item>(name: string, query?: Record<string, string>): T[] {
    return [...this.running.control.truth(name, query)] as T[];
  }

  /** The id of somebody in a status, with a password of Okta's unless told otherwise. */
  async somebody(status: string, wanted: (user: Item) => boolean = hasOktaPassword): Promise<string> {
    const users = await this.list(`/api/v1/users?filter=${encodeURIComponent(`status eq "${status}"`)}`);
    const found = users.slice(1).find(wanted);
    if (!found) throw new Error(`nobody is ${status}`);
    return found.id;
  }
}

export const hasOktaPassword = (user: Item): boolean => {
  const { password, provider } = user.credentials as { password?: object; provider: { type: string } };
  return password !== undefined && provider.type === 'OKTA';
};

export function nextOf({ headers }: Answer): string | undefined {
  const lines = (headers.get('link') ?? '').split(/,\s*(?=<)/);
  return /^<([^>]+)>/.exec(lines.find((line) => line.endsWith('rel="next"')) ?? '')?.[1];
}
