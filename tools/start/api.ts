import type { ConnectionDto, ConnectionListDto, RunDto, RunListDto, SummaryDto } from '@seatwise/contracts';

/** The gateway said no: its problem, in its own words. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly problem: {
      code?: string;
      detail?: string;
      context?: { checks?: { check: string; result: string; detail: string; mend: string }[] };
    },
  ) {
    super(problem.detail ?? `The gateway answered ${status}.`);
  }
}

/** The few calls of the REST API that `npm start` and the tests of the whole system make. */
export class Api {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** The same door with another key. */
  withKey(key: string): Api {
    return new Api(this.url, key);
  }

  /** The same key at another door. */
  at(url: string): Api {
    return new Api(url, this.key);
  }

  /** The answer as it comes. */
  send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw new ProblemError(response.status, answer as ProblemError['problem']);
    return answer as T;
  }

  connections = () => this.call<ConnectionListDto>('GET', '/connections').then((list) => list.connections);
  connect = (body: { orgUrl: string; token: string; name?: string; level?: string }) =>
    this.call<ConnectionDto>('POST', '/connections', body);
  replaceToken = (id: string, body: { token: string; orgUrl?: string }) =>
    this.call<ConnectionDto>('POST', `/connections/${id}/token`, body);
  disconnect = (id: string) => this.call<void>('DELETE', `/connections/${id}?history=erase`);
  sync = (connection: string) => this.call<RunDto>('POST', `/connections/${connection}/sync`);
  run = (id: string) => this.call<RunDto>('GET', `/runs/${id}`);
  newestRun = (connection: string) =>
    this.call<RunListDto>('GET', `/runs?connection=${connection}&limit=1`).then((list) => list.runs[0]);
  summary = (connection?: string) =>
    this.call<SummaryDto>('GET', connection ? `/summary?connection=${connection}` : '/summary');
}
