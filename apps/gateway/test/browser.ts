import type { Question, Reply } from './ask.js';
import type { Door } from './open-door.js';

/** What of a browser matters here: it keeps the cookies of one origin, and says from where it asks. */
export class Browser {
  readonly cookies = new Map<string, string>();
  /** The whole `Set-Cookie` lines that came last. */
  lastSet: string[] = [];

  constructor(
    private readonly door: Door,
    /** Sent along with each request. */
    readonly headers: Record<string, string> = {},
  ) {}

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async ask(question: Question): Promise<Reply> {
    const own = { origin: this.door.url, ...(this.cookies.size > 0 && { cookie: this.cookie }), ...this.headers };
    const reply = await this.door.ask({ ...question, headers: { ...own, ...question.headers } });
    this.take(reply.headers['set-cookie'] ?? []);
    return reply;
  }

  take(lines: string[]): void {
    if (lines.length > 0) this.lastSet = lines;
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      const [, expires] = /expires=([^;]+)/i.exec(line) ?? [];
      if (expires !== undefined && new Date(expires) <= new Date()) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
  }

  get = (path: string) => this.ask({ path: `/api/v1${path}` });
  send = (method: string, path: string, body?: object) =>
    this.ask({ method, path: `/api/v1${path}`, ...(body && { body }) });
}

/** A browser in which this member is signed in, by a link that an admin made. */
export async function signedIn(door: Door, admin: string, email: string): Promise<Browser> {
  const browser = new Browser(door);
  const made = await door.ask({ method: 'POST', path: '/api/v1/sign-in-links', key: admin, body: { email } });
  if (made.status !== 201) throw new Error(`no link: ${made.text}`);
  const reply = await browser.send('POST', '/session/link', { token: (made.json as { token: string }).token });
  if (reply.status !== 201) throw new Error(`no session: ${reply.text}`);
  return browser;
}

/** Invites somebody: their id. */
export async function invite(door: Door, admin: string, email: string, role = 'viewer'): Promise<string> {
  const body = { email, name: email.split('@')[0]!, role };
  const reply = await door.ask({ method: 'POST', path: '/api/v1/members', key: admin, body });
  if (reply.status !== 201) throw new Error(`not invited: ${reply.text}`);
  return (reply.json as { id: string }).id;
}
