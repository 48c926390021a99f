import { administrator } from '../api/acting.js';
import { findRoute } from '../api/routes.js';
import { OktaRefusal } from '../http/refusals.js';
import type { Simulation } from '../simulation.js';
import { ControlError } from './control-error.js';

export interface Acted {
  status: number;
  body: unknown;
}

/**
 * Does what a call of Okta's API does, as an administrator in the Admin Console: without a token, a limit or a fault.
 * `{ "method": "POST", "path": "/api/v1/users/…/lifecycle/suspend", "body": {} }`
 */
export function act(simulation: Simulation, command: unknown): Acted {
  const { method, path, body } = command as { method?: unknown; path?: unknown; body?: unknown };
  if (typeof method !== 'string' || typeof path !== 'string') throw new ControlError('method and path are needed');
  const url = new URL(path, 'http://org');
  const { route, ids } = findRoute(method, url.pathname);
  if (!route) throw new ControlError(`${method} ${url.pathname} is not a call of the API`);
  const request = {
    number: 0,
    id: 'control',
    method,
    path: url.pathname,
    query: url.searchParams,
    headers: {},
    body,
    token: administrator,
    mostItems: Number.POSITIVE_INFINITY,
    logLag: 0,
  };
  try {
    const answer = route.handler(simulation, request, ...ids.map(decodeURIComponent));
    return { status: answer.status, body: answer.body === undefined ? null : JSON.parse(answer.body.toString()) };
  } catch (error) {
    if (error instanceof OktaRefusal) return { status: error.status, body: JSON.parse(error.body(0)) };
    throw error;
  }
}
