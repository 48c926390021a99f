import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { connectionsQuery, runQuery } from '../api/queries';
import { t } from '../texts';
import { say, sayProblem } from '../ui/Toasts';

const onError = (error: Error) => sayProblem(problemFrom(error));

/** What can be done with a connection; each says what came of it. */
export function useCommands(connection: string) {
  const cache = useQueryClient();
  const params = { path: { connection } };
  const refreshed = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
      cache.invalidateQueries({ queryKey: ['runs'] }),
    ]);
  const ofRun = async (run: Schemas['Run']) => {
    cache.setQueryData(runQuery(run.id).queryKey, run);
    await refreshed();
  };
  const sync = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/connections/{connection}/sync', { params })),
    onSuccess: refreshed,
    onError,
  });
  const change = useMutation({
    mutationFn: (body: Schemas['ConnectionSettings']) =>
      bodyOf(api.PATCH('/api/v1/connections/{connection}', { params, body })),
    onSuccess: refreshed,
    onError,
  });
  const agree = useMutation({
    mutationFn: (run: string) => bodyOf(api.POST('/api/v1/runs/{run}/agree', { params: { path: { run } } })),
    onSuccess: ofRun,
    onError,
  });
  const cancel = useMutation({
    mutationFn: (run: string) => bodyOf(api.POST('/api/v1/runs/{run}/cancel', { params: { path: { run } } })),
    onSuccess: ofRun,
    onError,
  });
  /** Pausing can be taken back at once. */
  const pause = (paused: boolean) =>
    change.mutate(
      { paused },
      {
        onSuccess: () =>
          say(paused ? t.connection.pausedNow : t.connection.resumedNow, {
            next: { text: t.common.undo, onChoose: () => change.mutate({ paused: !paused }) },
          }),
      },
    );
  return { sync, change, agree, cancel, pause, refreshed };
}
