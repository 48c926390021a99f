import type { IncomingMessage, ServerResponse } from 'node:http';
import { drained } from '../http/drained.js';
import { ClockGoesForwardError } from '../clock.js';
import { readBody } from '../http/body.js';
import { FaultError } from '../http/faults.js';
import { UnknownTokenError } from '../http/tokens.js';
import { OktaRefusal } from '../http/refusals.js';
import type { Simulation } from '../simulation.js';
import { ControlError } from './control-error.js';
import { settings, type Control } from './settings.js';
import { summaryOf, truths } from './truth.js';

const lines = 500;

/** The door behind Okta's: the truth, the ledger, the clock, tokens, faults and an administrator's hand. */
export class ControlDoor {
  constructor(private readonly simulation: Simulation) {}

  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://org');
    const name = url.pathname.slice('/control/'.length);
    const { controlSecret } = this.simulation.options;
    if (controlSecret && incoming.headers['x-control-secret'] !== controlSecret)
      return send(response, 401, { error: 'X-Control-Secret is missing or wrong' });
    try {
      const truth = name.startsWith('truth/') ? truths[name.slice('truth/'.length)] : undefined;
      if (truth && incoming.method === 'GET') return await stream(response, truth(this.simulation, url.searchParams));
      if (name === 'truth/summary' && incoming.method === 'GET')
        return send(response, 200, summaryOf(this.simulation, url.searchParams));
      const control: Control | undefined = settings[`${incoming.method} ${name}`];
      if (!control) return send(response, 404, { error: `${incoming.method} /control/${name} is not known` });
      const text = await readBody(incoming);
      send(response, 200, control(this.simulation, text === '' ? {} : (JSON.parse(text) as unknown), url.searchParams));
    } catch (error) {
      if (response.headersSent) return void response.destroy();
      send(response, statusOf(error), { error: error instanceof Error ? error.message : 'unknown' });
    }
  }
}

function statusOf(error: unknown): number {
  const isAskers =
    error instanceof ControlError ||
    error instanceof FaultError ||
    error instanceof ClockGoesForwardError ||
    error instanceof UnknownTokenError ||
    error instanceof OktaRefusal ||
    error instanceof RangeError ||
    error instanceof SyntaxError;
  return isAskers ? 400 : 500;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** One JSON object a line, as fast as the reader takes it. */
async function stream(response: ServerResponse, items: Iterable<object>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  response.setHeader('content-type', 'application/x-ndjson');
  for (let next = iterator.next(); !next.done && !response.destroyed;) {
    let chunk = '';
    for (let at = 0; at < lines && !next.done; at += 1, next = iterator.next())
      chunk += `${JSON.stringify(next.value)}\n`;
    if (!response.write(chunk)) await drained(response);
    else await new Promise(setImmediate);
  }
  response.end();
}
