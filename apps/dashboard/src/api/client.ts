import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './openapi';
import { problemOf } from './problem';

export type Schemas = components['schemas'];

/** A refusal is thrown, so that an answer is always what the operation promises. */
const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
};

/** The API, typed by the gateway's own OpenAPI document. Same origin, with the cookie of the session. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  querySerializer: { array: { style: 'form', explode: false } },
});
api.use(refusals);

/** The body of an answer. */
export async function bodyOf<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

/** A key of our own for something that is to be done once. */
export const newIdempotencyKey = (): string => crypto.randomUUID();
