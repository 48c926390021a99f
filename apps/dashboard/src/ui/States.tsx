import { Ban, CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { problemFrom, type Problem } from '../api/problem';
import { problemKindQuery } from '../api/queries';
import { t } from '../texts';
import { Button } from './Button';
import { cx } from './cx';
import styles from './States.module.css';

/** There is nothing, and why, and what could be done about it. */
export function Empty({
  icon,
  title,
  children,
  action,
  isSmall = false,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** It stands among others that have something. */
  isSmall?: boolean;
}) {
  return (
    <div className={cx(styles.state, isSmall && styles.slight)}>
      {icon && <span className={styles.icon}>{icon}</span>}
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** It is not for this role. */
export function NotAllowed({ needs }: { needs: string }) {
  return (
    <Empty icon={<Ban aria-hidden />} title={t.states.notAllowed}>
      {t.states.needsRole(needs)}
    </Empty>
  );
}

/** What went wrong, where to look for it, and once more. */
export function ProblemView({
  error,
  errors,
  onRetry,
  isSmall = false,
}: {
  error: unknown;
  /** These of its fields alone: the others are said elsewhere. */
  errors?: Problem['errors'];
  onRetry?: () => void;
  isSmall?: boolean;
}) {
  const { problem } = problemFrom(error);
  const fields = errors ?? problem.errors ?? [];
  return (
    <div className={cx(styles.state, styles.problem, isSmall && styles.small)} role="alert">
      {!isSmall && (
        <span className={styles.icon}>
          <CircleAlert aria-hidden />
        </span>
      )}
      <h2>{problem.title}</h2>
      {fields.length === 0 ? (
        problem.detail !== `${problem.title}.` && <p>{problem.detail}</p>
      ) : (
        <ul className={styles.fields}>
          {fields.map(({ path, detail }) => (
            <li key={`${path}${detail}`}>
              <code>{path.replace(/^\$\.?/, '')}</code> {saidOf(path, detail)}
            </li>
          ))}
        </ul>
      )}
      {problem.remedy && <Remedy code={problem.code} text={problem.remedy} />}
      <p className={styles.trace}>
        <a href={`/api/v1/problems/${problem.code}`} target="_blank" rel="noreferrer" title={t.states.whatToDo}>
          <code>{problem.code}</code>
        </a>
        {problem.traceId && (
          <>
            {' '}
            · {t.common.traceId} <code>{problem.traceId}</code>
          </>
        )}
      </p>
      {onRetry && (
        <Button size="small" icon={<RotateCw />} onPress={onRetry}>
          {t.common.retry}
        </Button>
      )}
    </div>
  );
}

/** What is said of a field, without its name before it: `must be an e-mail address`. */
export function saidOf(path: string, detail: string): string {
  const name = `${path.split('.').at(-1)!} `;
  return detail.startsWith(name) ? detail.slice(name.length) : detail;
}

/** What to do about it, here: what the API says speaks of requests. */
export const Remedy = ({ code, text }: { code: Problem['code']; text: string }) => (
  <p>
    <strong>{t.common.remedy}</strong> {t.remedies[code] ?? text.replaceAll('`', '')}
  </p>
);

/** The same for a code alone, such as that of an action which was refused: said as soon as the API has told it. */
export function RemedyOf({ code }: { code: Problem['code'] }) {
  const { data } = useQuery(problemKindQuery(code));
  return data ? <Remedy code={code} text={data.remedy} /> : null;
}

/** Grey lines where text will be, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3, height = 14 }: { lines?: number; height?: number }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={t.common.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} style={{ height, width: `${92 - ((line * 23) % 45)}%` }} />
      ))}
    </div>
  );
}

/** What a question came to: still waiting, refused, or what `children` make of it. */
export function Answer<T>({
  query,
  waiting,
  children,
}: {
  query: UseQueryResult<T>;
  waiting?: ReactNode;
  children: (answer: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) {
    const { status, problem } = problemFrom(query.error);
    if (status === 403) return <NotAllowed needs={problem.detail} />;
    return <ProblemView error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <>{waiting ?? <Skeleton />}</>;
}
