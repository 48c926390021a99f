import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { t } from '../texts';
import styles from './integrations.module.css';

type Check = Schemas['ConnectionCheck'];
export type ShownCheck = Omit<Check, 'result'> & { result: Check['result'] | 'running' | 'waiting' };

const marks: Record<ShownCheck['result'], ReactNode> = {
  ok: <CircleCheck className={styles.good} aria-hidden />,
  missing: <TriangleAlert className={styles.warn} aria-hidden />,
  failed: <CircleAlert className={styles.bad} aria-hidden />,
  unknown: <CircleHelp className={styles.plain} aria-hidden />,
  waiting: <CircleDashed className={styles.plain} aria-hidden />,
  running: <LoaderCircle className={styles.turning} aria-hidden />,
};

/** Each check with its result, what is lost without it and how to mend it. */
export function Checks({ checks }: { checks: ShownCheck[] }) {
  return (
    <ul className={styles.checks} aria-live="polite">
      {checks.map(({ check, result, scope, detail, mend }) => (
        <li key={check} className={styles.check} aria-atomic>
          {marks[result]}
          <div className={styles.checkBody}>
            <div className={styles.checkHead}>
              <strong>{t.checks.names[check] ?? check}</strong>
              {scope && <code>{scope}</code>}
              <span className={styles.checkResult}>{t.checks.results[result]}</span>
            </div>
            {detail && <p className="muted">{detail}</p>}
            {(result === 'missing' || result === 'failed') && (
              <>
                {t.checks.losses[check] && <p>{t.checks.losses[check]}</p>}
                {mend && (
                  <p className={styles.mend}>
                    <strong>{t.checks.mend}: </strong>
                    {mend}
                  </p>
                )}
              </>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

const reading = ['users', 'groups', 'apps', 'usage'];
const acting = ['act_on_users', 'act_on_groups', 'act_on_apps'];
export const scopes: Record<string, string> = {
  users: 'okta.users.read',
  groups: 'okta.groups.read',
  apps: 'okta.apps.read',
  usage: 'okta.logs.read',
  act_on_users: 'okta.users.manage',
  act_on_groups: 'okta.groups.manage',
  act_on_apps: 'okta.apps.manage',
};

export const scopesOf = (level: Schemas['Connection']['level']): string[] =>
  (level === 'read' ? reading : [...reading, ...acting]).map((check) => scopes[check]!);

const inTurn = [['url'], ['token'], reading, acting];

/** All checks of a test that has not ended: those that have, those at work, and those whose turn is not yet. */
export function checksUnderWay(ended: Check[], level: Schemas['Connection']['level']): ShownCheck[] {
  const known = new Map(ended.map((check) => [check.check, check]));
  const turns = level === 'read' ? inTurn.slice(0, -1) : inTurn;
  return turns.flatMap((names, turn) => {
    const result = turns[turn - 1]?.every((name) => known.has(name)) === false ? 'waiting' : 'running';
    return names.map(
      (check) =>
        known.get(check) ?? { check, result, detail: '', mend: '', ...(scopes[check] && { scope: scopes[check] }) },
    );
  });
}
