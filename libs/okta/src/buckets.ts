/** Okta's rate-limit buckets (Okta: Rate limits, Management endpoints); the longest that fits, an exact one first. */
export function bucketOf(method: string, path: string): string {
  const [collection = '', id, below] = path.replace(/^\/api\/v1\//, '').split('/');
  if (!path.startsWith('/api/v1/')) return '/';
  if (collection === 'users' && id && !below)
    return method === 'GET' ? 'GET /api/v1/users/{id}' : 'POST/PUT/DELETE /api/v1/users/{id}';
  if (collection === 'users') return '/api/v1/users';
  if ((collection === 'groups' || collection === 'apps') && id && id !== 'rules' && !below)
    return `/api/v1/${collection}/{id}`;
  if (collection === 'groups' || collection === 'apps' || collection === 'logs') return `/api/v1/${collection}`;
  return '/api/v1';
}

/** Those that anything of ours is sent into. */
export const buckets = [
  '/api/v1/users',
  'GET /api/v1/users/{id}',
  'POST/PUT/DELETE /api/v1/users/{id}',
  '/api/v1/groups',
  '/api/v1/groups/{id}',
  '/api/v1/apps',
  '/api/v1/apps/{id}',
  '/api/v1/logs',
  '/api/v1',
] as const;

/** A path with its ids left out, for names of spans and metrics. */
export function routeOf(path: string): string {
  const [, ...segments] = path.split('/');
  return segments.reduce((route, segment, at) => {
    const isId = at === 3 && segment !== 'me' && segment !== 'rules';
    return `${route}/${isId || at === 5 ? '{id}' : segment}`;
  }, '');
}
