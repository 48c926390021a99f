import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { createContext, use } from 'react';
import { connectionsQuery } from '../api/queries';
import { allows, type Role, type Session } from '../api/session';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('nobody is signed in here');
  return session;
}

export const useMay = (needed: Role): boolean => allows(useSession().role, needed);

const root = getRouteApi('__root__');

/** The connection that was chosen for all pages; undefined: all of them. */
export const useChosenConnection = (): string | undefined => root.useSearch().connection;

/** What a connection is called; its id while that is not known. */
export function useConnectionNames(): (id: string) => string {
  const { data = [] } = useQuery(connectionsQuery);
  const names = new Map(data.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}
