import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, bodyOf, newIdempotencyKey, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { actionQuery } from '../api/queries';
import { hasActionEnded, type Action } from '../domain';
import { t } from '../texts';
import { say, sayProblem } from '../ui/Toasts';

export type Wish = Schemas['NewAction'];
type Performed = Schemas['PerformedAction'];

/** What an action changed is asked for anew, wherever it is shown. */
export function useRefreshed() {
  const cache = useQueryClient();
  return () =>
    Promise.all(
      ['person', 'people', 'app', 'apps', 'summary', 'actions', 'action'].map((name) =>
        cache.invalidateQueries({ queryKey: [name] }),
      ),
    );
}

/**
 * Asks for actions in an org. The same wish keeps its key until it has come to an end, so that one whose answer did not
 * arrive is never done twice.
 */
export function useAct(connection: string) {
  const refreshed = useRefreshed();
  const kept = useRef({ wish: '', key: '' });
  const perform = useMutation<Performed, Error, Wish>({
    mutationFn: (wish) => {
      const written = JSON.stringify(wish);
      if (kept.current.wish !== written) kept.current = { wish: written, key: newIdempotencyKey() };
      return bodyOf(
        api.POST('/api/v1/connections/{connection}/actions', {
          params: { path: { connection }, header: { 'Idempotency-Key': kept.current.key } },
          body: wish,
        }),
      );
    },
    onSuccess: async (_, { dryRun }) => {
      kept.current = { wish: '', key: '' };
      if (!dryRun) await refreshed();
    },
    onError: (error) => {
      // A refusal is an end; what never came to an answer may be asked again with the same key.
      if (problemFrom(error).problem.context?.action) kept.current = { wish: '', key: '' };
    },
  });
  const id = perform.data && !hasActionEnded(perform.data) ? perform.data.id : undefined;
  const followed = useQuery({
    ...actionQuery(id ?? ''),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data && hasActionEnded(state.data) ? false : 1_000),
  });
  return { perform, result: id && followed.data ? { ...perform.data, ...followed.data } : perform.data };
}

/** Takes an action back, and says what came of it. */
export function useUndo() {
  const refreshed = useRefreshed();
  return useMutation({
    mutationFn: ({ id, reason }: Action) =>
      bodyOf(
        api.POST('/api/v1/actions/{action}/undo', {
          params: { path: { action: id }, header: { 'Idempotency-Key': newIdempotencyKey() } },
          body: { reason: t.act.undoReason(reason).slice(0, 500) },
        }),
      ),
    onSuccess: async () => {
      say(t.act.undone);
      await refreshed();
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
}

/** Looks once more at what came of one whose end is not known. */
export function useSettle() {
  const refreshed = useRefreshed();
  return useMutation({
    mutationFn: ({ id }: Action) =>
      bodyOf(api.POST('/api/v1/actions/{action}/settle', { params: { path: { action: id } } })),
    onSuccess: refreshed,
    onError: (error) => sayProblem(problemFrom(error)),
  });
}

/** Whether it can be taken back from here. */
export const isUndoable = (action: Action, kinds: Schemas['ActionKind'][]): boolean =>
  action.state === 'done' &&
  action.effect === 'changed' &&
  !action.dryRun &&
  action.undoneBy === null &&
  kinds.some((kind) => kind.action === action.action && kind.undo !== null);
