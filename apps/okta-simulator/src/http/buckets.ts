/** Requests a minute of an org, workforce plan (Okta: Rate limits, Management endpoints). A token has half of each. */
export const workforce: Record<string, number> = {
  '/api/v1/users': 600,
  'GET /api/v1/users/{id}': 2_000,
  'POST/PUT/DELETE /api/v1/users/{id}': 600,
  '/api/v1/groups': 500,
  '/api/v1/groups/{id}': 1_000,
  '/api/v1/apps': 100,
  '/api/v1/apps/{id}': 500,
  '/api/v1/logs': 120,
  '/api/v1': 1_200,
  '/': 1_200,
};

/** Plans whose numbers differ; what the older ones say nothing of is as in the workforce plan. */
export const plans: Record<string, Record<string, number>> = {
  real: workforce,
  free: {
    ...Object.fromEntries(Object.keys(workforce).map((bucket) => [bucket, 100])),
    '/api/v1/apps': 20,
    '/api/v1/logs': 20,
  },
  enterprise: {
    ...workforce,
    'GET /api/v1/users/{id}': 1_000,
    '/api/v1/groups': 600,
    '/api/v1/logs': 50,
    '/api/v1': 600,
  },
};

/** Requests at a time of an org (Okta: Concurrency rate limits). */
export const concurrencyOf = (plan: unknown): number => (plan === 'free' ? 35 : 75);

/** The bucket that a call is counted in: an exact match beats the longest prefix. */
export function bucketOf(method: string, path: string): string {
  if (!path.startsWith('/api/v1/')) return '/';
  const [collection = '', id, below] = path.slice('/api/v1/'.length).split('/');
  switch (collection) {
    case 'users':
      if (!id || below) return '/api/v1/users';
      return method === 'GET' ? 'GET /api/v1/users/{id}' : 'POST/PUT/DELETE /api/v1/users/{id}';
    case 'groups':
    case 'apps':
      return id && !below && id !== 'rules' ? `/api/v1/${collection}/{id}` : `/api/v1/${collection}`;
    case 'logs':
      return '/api/v1/logs';
    default:
      return '/api/v1';
  }
}
