import type { Request } from 'express';

/** A route of Express's router: its path, and the methods that it takes. */
export interface Route {
  path: string;
  methods: Record<string, boolean>;
}

/** Nest registers some middleware as a route for every method there is; nothing of ours takes TRACE. */
export const isMiddleware = ({ methods }: Route): boolean => methods.trace === true;

/** The path of the route that took the request, such as `/api/v1/runs/:run`; undefined when none did. */
export function routeOf(request: Request): string | undefined {
  const route = request.route as Route | undefined;
  return route && !isMiddleware(route) ? route.path : undefined;
}
