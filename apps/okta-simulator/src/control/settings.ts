import type { TokenOptions } from '../options.js';
import type { Simulation } from '../simulation.js';
import { iso } from '../iso.js';
import { act } from './act.js';
import { lockOut } from './lock-outs.js';
import { signIn } from './sign-ins.js';
import { ControlError } from './control-error.js';

export type Control = (simulation: Simulation, body: unknown, query: URLSearchParams) => unknown;

const clockOf = ({ clock }: Simulation) => ({ now: iso(clock.now()), frozen: clock.isFrozen, scale: clock.scale });

/** By method and name, what the control door does besides telling the truth. */
export const settings: Record<string, Control> = {
  'POST act': act,
  'POST sign-ins': signIn,
  'POST lock-outs': lockOut,
  'GET clock': clockOf,
  'PUT clock': (simulation, body) => {
    const { now, advanceMs, frozen, scale } = body as {
      now?: string;
      advanceMs?: number;
      frozen?: boolean;
      scale?: number;
    };
    const { clock } = simulation;
    if (now !== undefined) {
      const moment = Date.parse(now);
      if (Number.isNaN(moment)) throw new ControlError('now is not a date');
      clock.set(moment);
    }
    if (advanceMs !== undefined) clock.advance(advanceMs);
    if (scale !== undefined && !(scale > 0)) throw new ControlError('scale must be more than 0');
    if (scale !== undefined) clock.run(scale);
    if (frozen === true) clock.freeze();
    if (frozen === false) clock.thaw();
    return clockOf(simulation);
  },
  'GET faults': ({ faults }) => faults.list(),
  'PUT faults': ({ faults }, body) => {
    faults.set(body);
    return faults.list();
  },
  'DELETE faults': ({ faults }) => {
    faults.set([]);
    return [];
  },
  'GET tokens': ({ tokens }) => tokens.list().map((token) => ({ ...token, permissions: [...token.permissions] })),
  'PUT tokens': (simulation, body) => {
    const { label, token, ...change } = body as Partial<TokenOptions> & { revoked?: boolean };
    if (!label) throw new ControlError('label is missing');
    if (token) simulation.tokens.put({ ...change, label, token });
    simulation.tokens.change(label, change);
    return settings['GET tokens']!(simulation, {}, new URLSearchParams());
  },
  'PUT limits': (simulation, body) => {
    const { limits, windowSeconds } = body as Partial<Simulation['options']>;
    Object.assign(
      simulation.options,
      limits !== undefined && { limits },
      windowSeconds !== undefined && { windowSeconds },
    );
    simulation.limits.change(simulation.options.limits, simulation.options.windowSeconds);
    return { limits: simulation.options.limits, windowSeconds: simulation.options.windowSeconds };
  },
  'PUT options': ({ options }, body) => {
    const { indexLagMs, activationMs, unknowns } = body as Partial<Simulation['options']>;
    if (indexLagMs !== undefined) options.indexLagMs = indexLagMs;
    if (activationMs !== undefined) options.activationMs = activationMs;
    Object.assign(options.unknowns, unknowns);
    return { indexLagMs: options.indexLagMs, activationMs: options.activationMs, unknowns: options.unknowns };
  },
  'GET ledger': ({ ledger }) => ledger.summary(),
  'GET ledger/requests': ({ ledger }, _body, query) => ledger.requestsAfter(...pageOf(query)),
  'GET ledger/changes': ({ ledger }, _body, query) => ledger.changesAfter(...pageOf(query)),
  'DELETE ledger': ({ ledger }) => {
    ledger.clear();
    return ledger.summary();
  },
};

const pageOf = (query: URLSearchParams): [after: number, limit: number] => [
  Number(query.get('after') ?? 0),
  Math.min(10_000, Number(query.get('limit') ?? 1_000)),
];
