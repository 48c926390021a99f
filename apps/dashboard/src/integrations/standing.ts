import type { Connection, Run } from '../domain';
import { t } from '../texts';
import type { Tone } from '../ui/Parts';

/** How an org does, in one word, with the reason in words. */
export interface Standing {
  tone: Tone;
  title: string;
  reasons: string[];
}

/**
 * Green when it is connected and synced, yellow when something is missing or waits, red when it can't be synced. Of `run`,
 * the last, null: there is none yet; undefined: that is not known, or not yet where it is still loading.
 */
export function standingOf(connection: Connection, run: Run | null | undefined, isLoading = false): Standing {
  const { states } = t.connection;
  const lacking = connection.checks
    .filter(({ result }) => result === 'missing' || result === 'failed')
    .map(({ detail }) => detail);
  if (connection.removedAt) return { tone: 'plain', title: states.removed, reasons: [] };
  if (connection.health === 'needs_reauth')
    return { tone: 'bad', title: states.needsReauth, reasons: [states.needsReauthText] };
  if (connection.paused) return { tone: 'plain', title: states.paused, reasons: [states.pausedText] };
  if (run?.state === 'paused') return { tone: 'warn', title: states.waiting, reasons: [states.waitingText] };
  if (connection.health === 'failing') return { tone: 'bad', title: states.failing, reasons: lacking };
  if (run === undefined)
    return isLoading
      ? { tone: 'info', title: t.common.loading, reasons: [] }
      : { tone: 'plain', title: states.notLoaded, reasons: [] };
  if (run === null) return { tone: 'info', title: states.neverSynced, reasons: [] };
  const missing = run.missing.map(({ reason }) => reason);
  if (run.state === 'running') {
    const isFirst = run.trigger === 'connect';
    return {
      tone: 'info',
      title: isFirst ? states.firstSync : states.syncing,
      reasons: [...(isFirst ? [states.firstSyncText] : []), ...missing],
    };
  }
  if (run.state === 'failed') return { tone: 'bad', title: states.failed, reasons: run.reason ? [run.reason] : [] };
  const reasons = [...new Set([...missing, ...lacking])];
  if (run.state === 'partial' || connection.health === 'partial')
    return { tone: 'warn', title: states.partial, reasons };
  return { tone: 'good', title: states.healthy, reasons: [] };
}
