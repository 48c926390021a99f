import { useQuery } from '@tanstack/react-query';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { CircleAlert, Compass, RotateCw } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { problemFrom, ProblemError } from '../api/problem';
import { sessionQuery } from '../api/session';
import { t } from '../texts';
import { Button, ButtonLink } from '../ui/Button';
import { Page } from '../ui/Page';
import { Empty, ProblemView } from '../ui/States';
import { SessionContext } from './context';
import { Shell } from './Shell';

const SignIn = lazy(() => import('../sign-in/SignIn'));

/** Whoever is not signed in signs in where they are, so that a deep link still leads where it says. */
export function Root() {
  const session = useQuery(sessionQuery);
  if (session.data)
    return (
      <SessionContext value={session.data}>
        {/* What was told in another zone is told anew. */}
        <Shell key={session.data.workspace.timeZone} />
      </SessionContext>
    );
  if (session.isPending) return null;
  return (
    <Suspense>
      {problemFrom(session.error).status === 401 ? (
        <SignIn />
      ) : (
        <ProblemView error={session.error} onRetry={() => void session.refetch()} />
      )}
    </Suspense>
  );
}

export function NotFound() {
  return (
    <Page title={t.states.notFound}>
      <Empty
        icon={<Compass aria-hidden />}
        title={t.states.notFound}
        action={
          <ButtonLink to="/" look="primary">
            {t.states.toOverview}
          </ButtonLink>
        }
      >
        {t.states.notFoundText}
      </Empty>
    </Page>
  );
}

/** A page that broke takes nothing with it but itself. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <Page title={t.states.broken}>
      {error instanceof ProblemError ? (
        <ProblemView error={error} onRetry={reset} />
      ) : (
        <Empty
          icon={<CircleAlert aria-hidden />}
          title={t.states.broken}
          action={
            <Button icon={<RotateCw />} onPress={reset}>
              {t.common.retry}
            </Button>
          }
        >
          {t.states.brokenText}
        </Empty>
      )}
    </Page>
  );
}
