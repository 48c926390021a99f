import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import type { Schemas } from '../api/client';
import {
  actionsQuery,
  connectionsQuery,
  healthQuery,
  jobsQuery,
  newestRunQuery,
  runsQuery,
  summaryQuery,
} from '../api/queries';
import { actionTone, jobTone, runTone, usualWindow, type Connection, type Run } from '../domain';
import { compact, lasting, number, percentage } from '../format';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { standingOf } from '../integrations/standing';
import { useRuns } from '../integrations/useLastRun';
import { useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Page } from '../ui/Page';
import { Badge, Meter, Moment, Notice, Panel } from '../ui/Parts';
import { Sheet, type SheetColumn } from '../ui/Sheet';
import { Answer, Empty, ProblemView, Skeleton } from '../ui/States';
import { Trace } from '../ui/Trace';
import styles from './health.module.css';

const texts = t.health;

/** One thing that stands still or went wrong, wherever it did. */
interface Entry {
  key: string;
  what: React.ReactNode;
  state: React.ReactNode;
  why: string;
  at: string;
}

interface Trouble extends Entry {
  traceId: string | null;
}

/** Of a run, all but why. */
const ofRun = (run: Run, nameOfConnection: (id: string) => string) => ({
  key: run.id,
  what: (
    <Link to="/runs/$run" params={{ run: run.id }} className="link">
      {t.runs.titleOf(nameOfConnection(run.connection))}
    </Link>
  ),
  state: <Badge tone={runTone[run.state]}>{t.runStates[run.state]}</Badge>,
  at: run.startedAt,
});

const newestFirst = (a: Entry, b: Entry): number => (a.at < b.at ? 1 : -1);

/** What is said of each. */
const columnsOf = (whenTitle: string): SheetColumn<Entry>[] => [
  { title: texts.what, cell: ({ what }) => what },
  { title: texts.state, cell: ({ state }) => state },
  { title: whenTitle, cell: ({ at }) => <Moment at={at} /> },
  { title: texts.why, isLong: true, cell: ({ why }) => why },
];

const nameOfQueue = (queue: string): string => texts.queueNames[queue] ?? queue;

export default function Health() {
  const isOperator = useMay('operator');
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Lag />
      <Parts />
      {isOperator && (
        <div className={styles.pair}>
          <Queues />
          <Budgets />
        </div>
      )}
      <StandsStill />
      <LatestTrouble isOperator={isOperator} />
    </Page>
  );
}

function Lag() {
  const connections = useQuery({ ...connectionsQuery, refetchInterval: 15_000 });
  const summary = useQuery({ ...summaryQuery(undefined, usualWindow), refetchInterval: 15_000 });
  return (
    <Panel title={texts.lag} isFlush>
      <Answer query={connections} waiting={<Skeleton lines={3} />}>
        {(all) => {
          const shown = all.filter(({ removedAt }) => removedAt === null);
          if (shown.length === 0)
            return <ConnectFirst title={t.integrations.none}>{t.integrations.noneText}</ConnectFirst>;
          const asOf = new Map(summary.data?.asOf.map((one) => [one.connection, one]));
          return (
            <Sheet<Connection>
              label={texts.lag}
              rows={shown}
              keyOf={({ id }) => id}
              columns={[
                {
                  title: texts.org,
                  cell: ({ id, name }) => (
                    <Link to="/integrations/okta/$in" params={{ in: id }} className="link">
                      {name}
                    </Link>
                  ),
                },
                { title: texts.standing, cell: (connection) => <Standing connection={connection} /> },
                { title: texts.directory, cell: ({ id }) => <Moment at={asOf.get(id)?.directory} /> },
                { title: texts.signIns, cell: ({ id }) => <Moment at={asOf.get(id)?.signIns} /> },
                { title: texts.budget, isNumber: true, cell: ({ rateShare }) => percentage(rateShare) },
                { title: texts.waited, isNumber: true, cell: ({ id }) => <Waited connection={id} /> },
              ]}
            />
          );
        }}
      </Answer>
    </Panel>
  );
}

function Standing({ connection }: { connection: Connection }) {
  const { runs, last } = useRuns(connection.id);
  const { tone, title } = standingOf(connection, last, runs.isPending);
  return <Badge tone={tone}>{title}</Badge>;
}

function Waited({ connection }: { connection: string }) {
  const { last } = useRuns(connection);
  return <>{last ? lasting(last.waitedMs) : '–'}</>;
}

/** Whether the door is ready, and how long a question that goes through all of it takes. */
function Parts() {
  const ready = useQuery({
    queryKey: ['ready'],
    queryFn: async () => (await fetch('/readyz')).ok,
    refetchInterval: 15_000,
  });
  const behind = useQuery({
    queryKey: ['behind'],
    queryFn: async () => {
      const began = performance.now();
      const response = await fetch('/api/v1/summary?window=30');
      return { isUp: response.ok, ms: performance.now() - began };
    },
    refetchInterval: 15_000,
  });
  const shown = [
    { name: texts.gateway, isUp: ready.data, detail: '' },
    { name: texts.answers, isUp: behind.data?.isUp, detail: behind.data ? texts.slow(lasting(behind.data.ms)) : '' },
  ];
  return (
    <Panel title={texts.parts} isFlush>
      <Sheet
        label={texts.parts}
        rows={shown}
        keyOf={({ name }) => name}
        columns={[
          { title: texts.what, cell: ({ name }) => name },
          {
            title: texts.standing,
            cell: ({ isUp }) =>
              isUp === undefined ? '…' : <Badge tone={isUp ? 'good' : 'bad'}>{isUp ? texts.up : texts.down}</Badge>,
          },
          { title: texts.detail, cell: ({ detail }) => <span className="muted">{detail}</span> },
        ]}
      />
    </Panel>
  );
}

function Queues() {
  const health = useQuery(healthQuery);
  return (
    <Panel title={texts.queues} isFlush>
      <Answer query={health}>
        {({ queues }) => (
          <Sheet<Schemas['Queue']>
            label={texts.queues}
            rows={queues}
            keyOf={({ queue }) => queue}
            columns={[
              { title: texts.queue, cell: ({ queue }) => nameOfQueue(queue) },
              { title: texts.waiting, isNumber: true, cell: ({ waiting }) => number(waiting) },
              { title: texts.inWork, isNumber: true, cell: ({ inWork }) => number(inWork) },
            ]}
          />
        )}
      </Answer>
      <p className={styles.note}>{texts.queuesText}</p>
    </Panel>
  );
}

function Budgets() {
  const health = useQuery(healthQuery);
  const nameOfConnection = useConnectionNames();
  return (
    <Panel title={texts.budgets} isFlush>
      <Answer query={health}>
        {({ budgets }) =>
          budgets === null ? (
            <Notice tone="warn" title={texts.budgetsAway} />
          ) : budgets.length === 0 ? (
            <Empty isSmall title={texts.noBudgets}>
              {texts.noBudgetsText}
            </Empty>
          ) : (
            <Sheet<Schemas['Budget']>
              label={texts.budgets}
              rows={budgets}
              keyOf={({ connection, bucket }) => `${connection}${bucket}`}
              columns={[
                {
                  title: texts.org,
                  cell: ({ connection }) => <span className={styles.org}>{nameOfConnection(connection)}</span>,
                },
                { title: texts.bucket, isLong: true, cell: ({ bucket }) => <code>{bucket}</code> },
                {
                  title: texts.left,
                  isNumber: true,
                  cell: ({ bucket, left, limit }) => (
                    <span className={styles.left}>
                      {`${compact(left)} / ${compact(limit)}`}
                      <Meter value={left} max={limit} label={`${texts.left}: ${bucket}`} />
                    </span>
                  ),
                },
                {
                  title: texts.full,
                  cell: ({ left, limit, fullAt }) => (left === limit ? texts.nowFull : <Moment at={fullAt} />),
                },
              ]}
            />
          )
        }
      </Answer>
      <p className={styles.note}>{texts.budgetsText}</p>
    </Panel>
  );
}

/** Why a job stands still, by its state. */
const jobStill = {
  waiting_for_approval: t.job.approveText,
  stopped: t.job.stopped,
  paused: texts.pausedBySomebody,
} as const;

/** Sync runs that wait for somebody, and bulk jobs that do, that were paused, or that stopped by themselves. */
function StandsStill() {
  const { data: connections = [] } = useQuery(connectionsQuery);
  const waiting = useQueries({
    queries: connections
      .filter(({ removedAt }) => removedAt === null)
      .map(({ id }) => ({ ...newestRunQuery(id), refetchInterval: 15_000 })),
    combine: (answers) => answers.flatMap(({ data }) => (data?.state === 'paused' ? [data] : [])),
  });
  const stopped = useInfiniteQuery({ ...jobsQuery({ state: 'stopped' }), refetchInterval: 15_000 });
  const paused = useInfiniteQuery({ ...jobsQuery({ state: 'paused' }), refetchInterval: 15_000 });
  const nameOfConnection = useConnectionNames();
  const approvals = useInfiniteQuery({ ...jobsQuery({ state: 'waiting_for_approval' }), refetchInterval: 15_000 });
  const jobs = [stopped, paused, approvals];
  const broken = jobs.find(({ isError }) => isError);
  const still: Entry[] = [
    ...waiting.map((run) => ({ ...ofRun(run, nameOfConnection), why: t.connection.states.waitingText })),
    ...jobs
      .flatMap(({ data }) => data?.pages ?? [])
      .flatMap((page) => page.jobs)
      .map((job) => ({
        key: job.id,
        what: (
          <Link to="/jobs/$bulk" params={{ bulk: job.id }} className="link">
            {texts.jobOf(t.actionTitles[job.action], t.common.people(job.counts.total))}
          </Link>
        ),
        state: <Badge tone={jobTone[job.state]}>{t.jobStates[job.state]}</Badge>,
        why: jobStill[job.state as keyof typeof jobStill],
        at: job.startedAt ?? job.createdAt,
      })),
  ].toSorted(newestFirst);
  return (
    <Panel title={texts.still} isFlush>
      {broken ? (
        <ProblemView error={broken.error} isSmall onRetry={() => void broken.refetch()} />
      ) : jobs.some(({ isPending }) => isPending) ? (
        <Skeleton lines={2} />
      ) : still.length === 0 ? (
        <p className={styles.nothing}>{texts.stillNone}</p>
      ) : (
        <Sheet<Entry> label={texts.still} rows={still} keyOf={({ key }) => key} columns={columnsOf(texts.begun)} />
      )}
    </Panel>
  );
}

function LatestTrouble({ isOperator }: { isOperator: boolean }) {
  const health = useQuery({ ...healthQuery, enabled: isOperator });
  const runs = useInfiniteQuery({ ...runsQuery(undefined), refetchInterval: 30_000 });
  const failed = useInfiniteQuery({ ...actionsQuery({ state: 'failed' }), refetchInterval: 30_000 });
  const unknown = useInfiniteQuery({ ...actionsQuery({ state: 'unknown' }), refetchInterval: 30_000 });
  const refused = useInfiniteQuery({ ...actionsQuery({ state: 'refused' }), refetchInterval: 30_000 });
  const nameOfConnection = useConnectionNames();
  const trouble: Trouble[] = [
    ...(runs.data?.pages.flatMap((page) => page.runs) ?? [])
      .filter(({ state }) => state === 'failed' || state === 'partial')
      .map((run) => ({
        ...ofRun(run, nameOfConnection),
        why: run.reason ?? run.missing.map(({ reason }) => reason).join(' '),
        traceId: run.traceId,
      })),
    ...[failed, unknown, refused]
      .flatMap(({ data }) => data?.pages ?? [])
      .flatMap((page) => page.actions)
      .filter(({ dryRun }) => !dryRun)
      .map((action) => ({
        key: action.id,
        what: (
          <Link to="/actions/$action" params={{ action: action.id }} className="link">
            {[t.actionTitles[action.action], action.login].filter(Boolean).join(', ')}
          </Link>
        ),
        state: <Badge tone={actionTone[action.state]}>{t.actionStates[action.state]}</Badge>,
        why: action.fault?.detail ?? t.act.unknown,
        at: action.createdAt,
        traceId: action.traceId,
      })),
    ...(health.data?.parked ?? []).map(({ number: place, about, queue, reason, parkedAt, traceId }) => ({
      key: `parked ${place}`,
      what: texts.parked(about, number(place)),
      state: <Badge tone="bad">{texts.notTaken}</Badge>,
      why: texts.parkedBy(nameOfQueue(queue), reason),
      at: parkedAt,
      traceId,
    })),
  ]
    .toSorted(newestFirst)
    .slice(0, 50);
  return (
    <Panel title={texts.trouble} isFlush>
      {runs.isPending ? (
        <Skeleton lines={3} />
      ) : trouble.length === 0 ? (
        <Empty isSmall icon={<CircleCheck aria-hidden />} title={texts.none}>
          {texts.noneText}
        </Empty>
      ) : (
        <Sheet<Trouble>
          label={texts.trouble}
          rows={trouble}
          keyOf={({ key }) => key}
          columns={[
            ...columnsOf(texts.when),
            { title: texts.trace, isLong: true, cell: ({ traceId }) => <Trace id={traceId} /> },
          ]}
        />
      )}
    </Panel>
  );
}
