import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useFollowed } from '../api/follow';
import { runQuery } from '../api/queries';
import { hasRunEnded, runTone, type Run, type Stage } from '../domain';
import { lasting, number, time, zoneHere } from '../format';
import { useCommands } from '../integrations/useCommands';
import { useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { Badge, Facts, Figure, Figures, Meter, Moment, Notice, Panel, useTick } from '../ui/Parts';
import { Sheet } from '../ui/Sheet';
import { Trace } from '../ui/Trace';
import styles from './runs.module.css';

const route = getRouteApi('/runs/$run');
const above = { text: t.runs.title, to: { to: '/runs' } } as const;
const texts = t.runs;

export default function RunPage() {
  const { run: id } = route.useParams();
  const run = useQuery(runQuery(id));
  useFollowed({
    path: `/api/v1/runs/${id}/progress`,
    event: 'run',
    key: runQuery(id).queryKey,
    isOn: run.data !== undefined && !hasRunEnded(run.data),
  });
  return (
    <PageAnswer query={run} title={texts.title} above={above}>
      {(found) => <Loaded run={found} />}
    </PageAnswer>
  );
}

const ms = (moment: string) => new Date(moment).getTime();
/** Under a second is a request's wait for its turn, not for a limit. */
const waitOf = (waitedMs: number) => (waitedMs < 1_000 ? undefined : lasting(waitedMs));
const endOf = (run: Run): number => (run.endedAt ? ms(run.endedAt) : Date.now());

function Loaded({ run }: { run: Run }) {
  const isLive = !hasRunEnded(run);
  useTick(isLive ? 1_000 : 3_600_000);
  const nameOfConnection = useConnectionNames();
  const isOperator = useMay('operator');
  const commands = useCommands(run.connection);
  const took = Math.max(1, endOf(run) - ms(run.startedAt));
  const seen = run.stages.reduce((sum, stage) => sum + stage.seen, 0);
  return (
    <Page
      title={texts.titleOf(nameOfConnection(run.connection))}
      above={above}
      lead={
        <span className={layout.buttons}>
          <Badge tone={runTone[run.state]} isLoud>
            {t.runStates[run.state]}
          </Badge>
          <span>{t.triggers[run.trigger]}</span>
          <Moment at={run.startedAt} />
        </span>
      }
      actions={
        isLive &&
        isOperator && (
          <Button isPending={commands.cancel.isPending} onPress={() => commands.cancel.mutate(run.id)}>
            {texts.cancel}
          </Button>
        )
      }
    >
      {run.reason && <Notice tone="bad" title={run.reason} />}
      {run.state === 'paused' && (
        <Notice
          tone="warn"
          title={t.connection.states.waitingText}
          action={
            isOperator && (
              <Button look="primary" size="small" onPress={() => commands.agree.mutate(run.id)}>
                {t.connection.agree}
              </Button>
            )
          }
        >
          {run.shrink.map(({ kind, scope, before, after }) => (
            <div key={`${kind}${scope ?? ''}`}>{t.connection.shrink(kind, number(before), number(after))}</div>
          ))}
        </Notice>
      )}
      {run.missing.map(({ kind, reason, mend }) => (
        <Notice key={kind} tone="warn" title={reason}>
          {mend}
        </Notice>
      ))}
      <Figures>
        <Figure name={texts.took} value={lasting(took)} />
        <Figure name={texts.items} value={seen} detail={texts.perSecond(number(Math.round(seen / (took / 1000))))} />
        <Figure name={texts.requests} value={run.requests} />
        <Figure name={texts.waited} value={waitOf(run.waitedMs) ?? texts.notAtAll} />
      </Figures>
      <Panel title={texts.timeline} aside={<span className="muted">{zoneHere()}</span>}>
        <Timeline run={run} />
      </Panel>
      <Panel title={texts.stages} isFlush>
        <Sheet
          label={texts.stages}
          rows={run.stages}
          keyOf={({ kind }) => kind}
          columns={[
            { title: texts.stage, cell: ({ kind }) => t.stages[kind] },
            {
              title: t.connection.state,
              cell: ({ state }) => <Badge tone={stageTone[state]}>{t.stageStates[state]}</Badge>,
            },
            {
              title: texts.tasks,
              isNumber: true,
              cell: ({ tasks, tasksDone }) => `${number(tasksDone)} / ${number(tasks)}`,
            },
            { title: texts.items, isNumber: true, cell: ({ seen: count }) => number(count) },
            { title: texts.added, isNumber: true, cell: ({ added }) => number(added) },
            { title: texts.changed, isNumber: true, cell: ({ changed }) => number(changed) },
            { title: texts.removed, isNumber: true, cell: ({ removed }) => number(removed) },
            { title: texts.rejected, isNumber: true, cell: ({ rejected }) => number(rejected) },
            { title: texts.requests, isNumber: true, cell: ({ requests }) => number(requests) },
            { title: texts.waited, isNumber: true, cell: ({ waitedMs }) => waitOf(waitedMs) ?? '–' },
          ]}
        />
      </Panel>
      <Panel>
        <Facts
          facts={[
            [texts.version, <code key="id">{run.id}</code>],
            [texts.trace, <Trace key="trace" id={run.traceId} />],
          ]}
        />
      </Panel>
    </Page>
  );
}

const stageTone = {
  waiting: 'plain',
  running: 'info',
  done: 'good',
  failed: 'bad',
  skipped: 'plain',
  continues: 'info',
} as const;

/** Each stage as a bar from its beginning to its end; what it waited for limits is hatched at its end. */
function Timeline({ run }: { run: Run }) {
  const from = ms(run.startedAt);
  const all = Math.max(1, endOf(run) - from);
  const part = (value: number) => `${Math.min(100, Math.max(0, (value / all) * 100))}%`;
  const barOf = ({ startedAt, endedAt, waitedMs, tasks }: Stage) => {
    if (!startedAt) return undefined;
    const begin = ms(startedAt) - from;
    const length = Math.max(all * 0.004, (endedAt ? ms(endedAt) : endOf(run)) - from - begin);
    return { begin, length, waited: Math.min(length, waitedMs / Math.max(1, tasks)) };
  };
  return (
    <ol className={styles.timeline}>
      {run.stages.map((stage) => {
        const bar = barOf(stage);
        return (
          <li key={stage.kind} className={styles.lane}>
            <span className={styles.laneName}>{t.stages[stage.kind]}</span>
            <span className={styles.track}>
              {bar && (
                <span
                  className={`${styles.bar} ${styles[stageTone[stage.state]]}`}
                  style={{ left: part(bar.begin), width: part(bar.length) }}
                  title={`${lasting(bar.length)}${waitOf(stage.waitedMs) ? ` · ${texts.waited}: ${waitOf(stage.waitedMs)}` : ''}`}
                >
                  <span className={styles.waited} style={{ width: `${(bar.waited / bar.length) * 100}%` }} />
                </span>
              )}
            </span>
            <span className={styles.laneCount}>
              {stage.state === 'running' && stage.tasks > 1 ? (
                <Meter value={stage.tasksDone} max={stage.tasks} label={t.stages[stage.kind]} />
              ) : (
                number(stage.seen)
              )}
            </span>
          </li>
        );
      })}
      <li className={styles.axis} aria-hidden>
        <span />
        <span className={styles.ticks}>
          <span>{time(run.startedAt)}</span>
          <span>{time(new Date(endOf(run)).toISOString())}</span>
        </span>
        <span />
      </li>
    </ol>
  );
}
