import { queryOptions } from '@tanstack/react-query';
import { tellTimesIn } from '../format';
import { api, bodyOf, type Schemas } from './client';

/** Who is signed in, and where. */
export type Session = Schemas['Session'];
export type Role = Session['role'];

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    const session = await bodyOf(api.GET('/api/v1/session'));
    tellTimesIn(session.workspace.timeZone);
    return session;
  },
  staleTime: 60_000,
  retry: false,
});

/** Set where a session was there and is over. */
export const sessionOverKey = ['session-over'];

export const signInWaysQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: () => bodyOf(api.GET('/api/v1/sign-in')),
  staleTime: Infinity,
});

export const signIn = (email: string, password: string) => api.POST('/api/v1/session', { body: { email, password } });
export const signInByLink = (token: string) => api.POST('/api/v1/session/link', { body: { token } });
export const changeWorkspace = (workspace: string) => api.PUT('/api/v1/session/workspace', { body: { workspace } });
export const signOut = () => api.DELETE('/api/v1/session');

/** Where signing in with a provider begins; it comes back to `returnTo`. */
export const oidcStart = (provider: string, returnTo: string): string =>
  `/api/v1/sign-in/oidc/${encodeURIComponent(provider)}?returnTo=${encodeURIComponent(returnTo)}`;

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
export const allows = (has: Role, needed: Role): boolean => rank[has] >= rank[needed];
