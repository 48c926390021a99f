import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useFollowed } from '../api/follow';
import { runQuery, runsQuery } from '../api/queries';
import { hasRunEnded, type Run } from '../domain';

const lookMs = 10_000;

/**
 * The newest runs of a connection, of which the last is followed while it is in work. `last` is null where there is none
 * yet, and undefined while that is not known.
 */
export function useRuns(connection: string) {
  const runs = useInfiniteQuery({ ...runsQuery(connection), refetchInterval: lookMs });
  const all = runs.data?.pages.flatMap((page) => page.runs) ?? [];
  const newest = all[0];
  const followed = useQuery({ ...runQuery(newest?.id ?? ''), enabled: newest !== undefined && !hasRunEnded(newest) });
  const loaded = newest ?? (runs.data && null);
  const last: Run | null | undefined =
    followed.data && followed.data.id === newest?.id && followed.data.version > newest.version ? followed.data : loaded;
  useFollowed({
    path: `/api/v1/runs/${newest?.id}/progress`,
    event: 'run',
    key: runQuery(newest?.id ?? '').queryKey,
    isOn: last ? !hasRunEnded(last) : false,
  });
  return { runs, all, last };
}
