import { actionCatalogue, InvalidRequest, NoParameters, type ActionName } from '@seatwise/contracts';
import { readBody } from '../door/reading.js';

/** The parameters of an action, those that are secrets apart. */
export interface Parameters {
  plain: Record<string, unknown>;
  secret: Record<string, unknown>;
}

/** Checks the parameters as strictly as a body, against the class that the catalogue names. */
export function readParameters(action: ActionName, given: Record<string, unknown>): Parameters {
  const { secrets } = actionCatalogue[action];
  const fields = Object.entries(checked(action, given)).filter(([, value]) => value !== undefined);
  const { true: secret = [], false: plain = [] } = Object.groupBy(fields, ([name]) => `${secrets.includes(name)}`);
  return { plain: Object.fromEntries(plain), secret: Object.fromEntries(secret) };
}

function checked(action: ActionName, given: Record<string, unknown>): object {
  const { Parameters } = actionCatalogue[action];
  if (Parameters !== NoParameters) return within('$.parameters', () => readBody(Parameters, given));
  // A class without a field is none that class-validator would know.
  const stray = Object.keys(given).slice(0, 20);
  if (stray.length === 0) return {};
  throw new InvalidRequest(
    stray.map((name) => ({ path: `$.parameters.${name.slice(0, 100)}`, detail: 'there is no such field' })),
  );
}

/** Names the fields by where they are in the body. */
function within<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidRequest)) throw error;
    const errors = error.extra.errors ?? [];
    throw new InvalidRequest(errors.map((one) => ({ ...one, path: one.path.replace('$', () => place) })));
  }
}
