import { queryOptions } from '@tanstack/react-query';
import { problemOf } from './problem';

export type Role = 'viewer' | 'operator' | 'admin';

/** Who is signed in, and where. */
export interface Session {
  person: { id: string; email: string; name: string };
  workspace: { id: string; name: string };
  role: Role;
  workspaces: { id: string; name: string; role: Role }[];
  expiresAt: string;
}

/** The ways to sign in that this Seatwise has. */
export interface SignInWays {
  password: boolean;
  oidc: { id: string; name: string }[];
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`/api/v1/${path}`, {
    method,
    credentials: 'same-origin',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw await problemOf(response);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => ask<Session>('GET', 'session'),
  staleTime: 60_000,
  retry: false,
});

export const signInWaysQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: () => ask<SignInWays>('GET', 'sign-in'),
  staleTime: Infinity,
});

export const signIn = (email: string, password: string) => ask<unknown>('POST', 'session', { email, password });
export const signInByLink = (token: string) => ask<unknown>('POST', 'session/link', { token });
export const changeWorkspace = (workspace: string) => ask<unknown>('PUT', 'session/workspace', { workspace });
export const signOut = () => ask<unknown>('DELETE', 'session');

/** Where signing in with a provider begins; it comes back to `returnTo`. */
export const oidcStart = (provider: string, returnTo: string): string =>
  `/api/v1/sign-in/oidc/${encodeURIComponent(provider)}?returnTo=${encodeURIComponent(returnTo)}`;

const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
export const allows = (has: Role, needed: Role): boolean => rank[has] >= rank[needed];
