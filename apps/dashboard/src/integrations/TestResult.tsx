import type { Connection } from '../domain';
import { t } from '../texts';
import { Notice } from '../ui/Parts';
import { ProblemView } from '../ui/States';
import { Checks, checksUnderWay } from './Checks';
import styles from './integrations.module.css';
import { isRefused, lackingIn, type Test } from './useTest';

/** What a test means for whoever made it. */
interface Words {
  passed: string;
  lacking: string;
  refused: string;
}

/** Each check of a test, running and with its result, and what they come to. */
export function TestResult({ test, level, words }: { test: Test; level: Connection['level']; words: Words }) {
  const { checks, ended, error } = test;
  if (error) return <ProblemView error={error} isSmall />;
  return (
    <div className={styles.stack}>
      <div role="status">
        <Verdict ended={ended} words={words} />
      </div>
      <Checks checks={ended?.checks ?? checksUnderWay(checks, level)} />
    </div>
  );
}

function Verdict({ ended, words }: { ended: Test['ended']; words: Words }) {
  const texts = t.tests;
  if (!ended)
    return (
      <Notice tone="info" title={texts.running}>
        {texts.runningText}
      </Notice>
    );
  if (isRefused(ended)) {
    const failed = ended.checks.find(({ result }) => result === 'failed');
    return (
      <Notice tone="bad" title={words.refused}>
        {failed && `${failed.detail} ${failed.mend}`}
      </Notice>
    );
  }
  const lacking = lackingIn(ended);
  const hasPeople = ended.checks.every(({ check, result }) => check !== 'users' || result === 'ok');
  return (
    <Notice tone={lacking > 0 ? 'warn' : 'good'} title={lacking > 0 ? texts.lacking(lacking) : texts.passed}>
      {!hasPeople ? texts.withoutPeople : lacking > 0 ? words.lacking : words.passed}
    </Notice>
  );
}
