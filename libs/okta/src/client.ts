import { AnswerTooLargeError, ForeignLinkError, LinkLoopError, MalformedAnswerError } from './errors.js';
import { Executor, type Call, type ExecutorOptions } from './executor.js';

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Items that were not of Okta's shape, with what is wrong; they are left out of `items`. */
  rejected: string[];
  /** Path and query of the next page, to go on from there later; null: the list ends here. */
  next: string | null;
  /** The path that was asked for; a page that Okta could not answer in time may have been asked for in half. */
  path: string;
  /** Okta's clock when it answered. */
  date: number;
  /** Okta's clock when it was asked. */
  asked: number;
}

/** Makes an item of a list from Okta's JSON, or throws an Error that says what is wrong with it. */
export type Parse<T> = (item: unknown) => T;

export interface ListOptions extends Pick<Call, 'signal' | 'maxWaitMs' | 'priority' | 'timeoutMs' | 'attempts'> {
  /** A `next` that was kept, to go on from. */
  from?: string | null | undefined;
  /** The list has no end: an empty page leads to itself, until there is something new. */
  polling?: boolean;
}

/** An Okta org: its lists page by page, and single calls. */
export class OktaClient {
  readonly executor: Executor;

  constructor(options: ExecutorOptions) {
    this.executor = new Executor(options);
  }

  /**
   * The pages of a list, each fetched when it is asked for. Ends when Okta names no next page. A circle of links is found
   * out within twice its length (Brent's method: one link is remembered, and at each power of two another one).
   */
  async *list<T>(
    path: string,
    parse: Parse<T>,
    { from, polling = false, ...call }: ListOptions = {},
  ): AsyncGenerator<Page<T>> {
    let remembered = '';
    for (let at: string | null = from ?? path, pages = 1; at !== null; pages += 1) {
      if (isPowerOfTwo(pages)) remembered = at;
      const page: Page<T> = await this.page(at, parse, call);
      const isWaiting = polling && page.items.length + page.rejected.length === 0;
      if (page.next === remembered && !isWaiting)
        throw new LinkLoopError('The links of the list lead back to a page that was listed already');
      yield page;
      at = page.next;
    }
  }

  /** One page of a list. */
  async page<T>(path: string, parse: Parse<T>, call: Omit<ListOptions, 'from' | 'polling'> = {}): Promise<Page<T>> {
    const answer = await this.executor.send({ method: 'GET', path, ...call });
    if (!Array.isArray(answer.body)) throw new MalformedAnswerError('The answer is not a list');
    if (answer.body.length > 20_000) throw new AnswerTooLargeError('The page has more items than any page of Okta');
    const items: T[] = [];
    const rejected: string[] = [];
    for (const item of answer.body as unknown[]) {
      try {
        items.push(parse(item));
      } catch (error) {
        rejected.push((error as Error).message);
      }
    }
    const next = this.nextOf(answer.headers.link, answer.body.length, path);
    return { items, rejected, next, path, date: answer.date, asked: answer.asked };
  }

  async get<T>(path: string, parse: Parse<T>, call: Omit<ListOptions, 'from' | 'polling'> = {}): Promise<T> {
    const { body } = await this.executor.send({ method: 'GET', path, ...call });
    try {
      return parse(body);
    } catch (error) {
      throw new MalformedAnswerError(`The answer is not what Okta promises: ${(error as Error).message}`);
    }
  }

  close(): Promise<void> {
    return this.executor.close();
  }

  /** The `next` of RFC 8288 `Link` headers, which come as lines of their own or joined by commas. */
  private nextOf(header: string | string[] | undefined, items: number, path: string): string | null {
    const link = Array.isArray(header) ? header.join(', ') : (header ?? '');
    const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link)?.[1];
    // Okta links each page of a list to itself at least. A full one with no link at all has lost it on the way, and must
    // not pass for the last.
    if (link === '' && items > 0 && items >= limitOf(path))
      throw new MalformedAnswerError('A full page of the list came without a link');
    if (target === undefined) return null;
    const { origin } = this.executor;
    const url = URL.canParse(target, origin) ? new URL(target, origin) : undefined;
    if (url?.origin !== origin)
      throw new ForeignLinkError('The next page of the list is on another host, which is never called');
    return url.pathname + url.search;
  }
}

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

/** How many items a path asks for; without a number, more than any page has. */
const limitOf = (path: string): number => Number(/[?&]limit=(\d+)/.exec(path)?.[1] ?? Infinity);
