import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { groupsQuery } from '../api/queries';
import { useAppName } from '../apps/useAppName';
import { t } from '../texts';
import { valueOf } from './changes';

/** The parameters of an action, each by its name and in words; `object`: what its group is called, where that is known. */
export const parameterFacts = (
  connection: string,
  parameters: Record<string, unknown>,
  object?: string,
): (readonly [name: string, value: ReactNode])[] =>
  Object.entries(parameters).flatMap(([id, value]) => {
    const name = t.parameters[id] ?? id;
    if (id === 'profile')
      return Object.entries(value as object).map(
        ([attribute, one]) => [`${name}: ${attribute}`, valueOf(one)] as const,
      );
    return [[name, shownOf(connection, id, value, object)] as const];
  });

function shownOf(connection: string, id: string, value: unknown, object: string | undefined): ReactNode {
  if (id === 'app') return <AppName connection={connection} app={String(value)} />;
  if (id === 'group') return object ?? <GroupNames connection={connection} groups={[String(value)]} />;
  if (id === 'groups' && Array.isArray(value))
    return <GroupNames connection={connection} groups={value.map((group) => String(group))} />;
  return valueOf(value);
}

function AppName({ connection, app }: { connection: string; app: string }) {
  const name = useAppName(connection, app);
  return (
    <Link className="link" to="/apps/$in/$app" params={{ in: connection, app }}>
      {name}
    </Link>
  );
}

function GroupNames({ connection, groups }: { connection: string; groups: string[] }) {
  const { data = [] } = useQuery(groupsQuery(connection));
  const names = new Map(data.map(({ id, name }) => [id, name]));
  return <>{groups.map((id) => names.get(id) ?? id).join(', ')}</>;
}
