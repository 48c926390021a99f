import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { eventsOf } from '../api/events';
import { ProblemError } from '../api/problem';
import { t } from '../texts';

type Check = Schemas['ConnectionCheck'];
type Ended = Schemas['ConnectionTest'];

/** Asks for a test, and answers the stream of its events. */
type Ask = () => Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>;

export type Test = ReturnType<typeof useTest>;

/** A test of a connection: its checks as each ends, and what it came to. */
export function useTest() {
  const [checks, setChecks] = useState<Check[]>([]);
  const test = useMutation({
    mutationFn: async (ask: Ask): Promise<Ended> => {
      setChecks([]);
      const answer = await ask();
      if (answer)
        for await (const { event, data } of eventsOf(answer)) {
          if (event === 'ended') return data as Ended;
          setChecks((before) => [...before, data as Check]);
        }
      throw new ProblemError({ code: 'service_unavailable', title: t.tests.brokenOff, status: 0, detail: t.tests.brokenOffText }); // prettier-ignore
    },
  });
  return {
    /** Those that have ended so far. */
    checks,
    ended: test.data,
    error: test.error,
    isRunning: test.isPending,
    start: test.mutate,
    reset: test.reset,
  };
}

/** Whether a connection with this would do nothing at all. */
export const isRefused = ({ health }: Ended): boolean => health === 'needs_reauth' || health === 'failing';

export const lackingIn = ({ checks }: Ended): number =>
  checks.filter(({ result }) => result === 'missing' || result === 'failed').length;
