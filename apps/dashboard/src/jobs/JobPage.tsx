import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Ban, Download, Pause, Play, RotateCcw } from 'lucide-react';
import { useEffect } from 'react';
import { parameterFacts } from '../actions/parameters';
import { api, bodyOf, type Schemas } from '../api/client';
import { useFollowed } from '../api/follow';
import { problemFrom } from '../api/problem';
import { jobQuery } from '../api/queries';
import { useAppName } from '../apps/useAppName';
import { whoAndRoleIn } from '../audit/who';
import { hasJobEnded, jobTone, type Job } from '../domain';
import { number, percentage, share } from '../format';
import { useConnectionNames, useMay, useSession } from '../shell/context';
import { t } from '../texts';
import { Button, FileLink } from '../ui/Button';
import { aboveRow, twoLines, type Column } from '../ui/DataTable';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { PagedTable } from '../ui/PagedTable';
import { Badge, Facts, Meter, Moment, Notice, Panel, type Tone } from '../ui/Parts';
import { Empty } from '../ui/States';
import { LinkTabs } from '../ui/Tabs';
import { sayProblem } from '../ui/Toasts';
import styles from './jobs.module.css';
import { jobStates } from './states';

type Item = Schemas['BulkItem'];

const route = getRouteApi('/jobs/$bulk');
const above = { text: t.jobs.title, to: { to: '/jobs' } } as const;
const texts = t.job;

const itemTone: Record<Item['state'], Tone> = {
  waiting: 'plain',
  running: 'info',
  done: 'good',
  none: 'accent',
  refused: 'warn',
  failed: 'bad',
  unknown: 'warn',
};

/** In these states something comes of it without whoever looks on: also that another approves it. */
const moving = new Set<Job['state']>(['gathering', 'waiting_for_approval', 'running']);

const lookMs = 5_000;

export default function JobPage() {
  const { bulk } = route.useParams();
  // What stands still is followed by nothing; another may let it go on.
  const job = useQuery({
    ...jobQuery(bulk),
    refetchInterval: ({ state: { data } }) => (data && (hasJobEnded(data) || moving.has(data.state)) ? false : lookMs),
  });
  const isMoving =
    job.data !== undefined &&
    (moving.has(job.data.state) || (job.data.state === 'cancelled' && job.data.counts.running > 0));
  useFollowed({ path: `/api/v1/bulk/${bulk}/progress`, event: 'bulk', key: jobQuery(bulk).queryKey, isOn: isMoving });
  return (
    <PageAnswer query={job} title={t.jobs.title} above={above}>
      {(found) => <Loaded job={found} />}
    </PageAnswer>
  );
}

type Command = 'start' | 'approve' | 'pause' | 'resume' | 'cancel' | 'retry';

function useCommand(bulk: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (command: Command) => {
      const params = { path: { bulk } };
      const sent = {
        start: () => api.POST('/api/v1/bulk/{bulk}/start', { params }),
        approve: () => api.POST('/api/v1/bulk/{bulk}/approve', { params }),
        pause: () => api.POST('/api/v1/bulk/{bulk}/pause', { params }),
        resume: () => api.POST('/api/v1/bulk/{bulk}/resume', { params }),
        cancel: () => api.POST('/api/v1/bulk/{bulk}/cancel', { params }),
        retry: () => api.POST('/api/v1/bulk/{bulk}/retry', { params }),
      };
      return bodyOf<Job>(sent[command]());
    },
    onSuccess: async (job) => {
      cache.setQueryData(jobQuery(bulk).queryKey, job);
      await Promise.all([
        cache.invalidateQueries({ queryKey: ['job-items', bulk] }),
        cache.invalidateQueries({ queryKey: ['jobs'] }),
      ]);
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
}

function Loaded({ job }: { job: Job }) {
  const { state: shown } = route.useSearch();
  const nameOfConnection = useConnectionNames();
  const isOperator = useMay('operator');
  const isAdmin = useMay('admin');
  const isOwn = useSession().person.id === job.by.person?.id;
  const command = useCommand(job.id);
  const cache = useQueryClient();
  const app = useAppName(job.connection, (job.chosenBy?.filter as Schemas['BulkFilter'] | undefined)?.app ?? '');
  const { counts, state } = job;
  const ended = counts.total - counts.waiting - counts.running;
  const run = (name: Command) => () => command.mutate(name);
  const isPending = command.isPending;
  const hasBegun = state !== 'preview' && state !== 'waiting_for_approval';
  const canRetry = ['done', 'paused', 'stopped'].includes(state) && counts.refused + counts.failed > 0;
  // Who has come to an end shows in the list a moment after it is counted.
  useEffect(() => {
    const timer = globalThis.setTimeout(() => void cache.invalidateQueries({ queryKey: ['job-items', job.id] }), 800);
    return () => globalThis.clearTimeout(timer);
  }, [ended, cache, job.id]);
  return (
    <Page
      isFilled
      title={t.actionTitles[job.action]}
      above={above}
      lead={
        <span className={layout.buttons}>
          <Badge tone={jobTone[state]} isLoud>
            {t.jobStates[state]}
          </Badge>
          {job.dryRun && <Badge tone="info">{t.newJob.dryRun}</Badge>}
          <span>{t.common.people(counts.total)}</span>
          <span>{nameOfConnection(job.connection)}</span>
          <span>{job.reason}</span>
        </span>
      }
      actions={
        <>
          {isOperator && (
            <>
              {state === 'running' && (
                <Button icon={<Pause />} isPending={isPending} onPress={run('pause')}>
                  {texts.pause}
                </Button>
              )}
              {(state === 'paused' || state === 'stopped') && (
                <Button icon={<Play />} look="primary" isPending={isPending} onPress={run('resume')}>
                  {texts.resume}
                </Button>
              )}
              {canRetry && (
                <Button icon={<RotateCcw />} isPending={isPending} onPress={run('retry')}>
                  {texts.retry}
                </Button>
              )}
              {!hasJobEnded(job) && state !== 'gathering' && (
                <Button
                  icon={<Ban />}
                  look={hasBegun ? 'danger' : 'plain'}
                  isPending={isPending}
                  onPress={run('cancel')}
                >
                  {hasBegun
                    ? texts.cancel
                    : isAdmin && !isOwn && state === 'waiting_for_approval'
                      ? texts.refuse
                      : texts.discard}
                </Button>
              )}
            </>
          )}
          {job.startedAt !== null && (
            <FileLink icon={<Download aria-hidden />} href={`/api/v1/bulk/${job.id}/results.csv`}>
              {texts.results}
            </FileLink>
          )}
        </>
      }
    >
      {state === 'preview' && (
        <Notice
          tone="info"
          title={texts.preview}
          action={
            isOperator && (
              <Button look="primary" isPending={isPending} onPress={run('start')}>
                {texts.start(counts.total)}
              </Button>
            )
          }
        >
          <p>{texts.previewText}</p>
          {job.chosenBy && namedOnce(job.chosenBy).map((said) => <p key={said}>{said}.</p>)}
          <Foreseen job={job} />
          {job.needsApproval && <p>{texts.needsApproval}</p>}
        </Notice>
      )}
      {state === 'waiting_for_approval' && (
        <Notice
          tone="warn"
          title={t.jobStates.waiting_for_approval}
          action={
            isAdmin &&
            !isOwn && (
              <Button look="primary" isPending={isPending} onPress={run('approve')}>
                {texts.approve}
              </Button>
            )
          }
        >
          {isOwn ? texts.approveOwn : texts.approveText}
        </Notice>
      )}
      {state === 'stopped' && <Notice tone="bad" title={texts.stopped} />}
      <div className={styles.progress}>
        <div className={styles.progressHead}>
          <strong>{texts.of(number(ended), number(counts.total))}</strong>
          <span className="muted">{share(ended, counts.total)}</span>
        </div>
        <Meter value={ended} max={counts.total} label={t.jobs.progress} />
        <div className={styles.counts}>
          {jobStates.map((one) =>
            counts[one] > 0 ? (
              <Badge key={one} tone={itemTone[one]}>
                {stateIn(job, one)} {number(counts[one])}
              </Badge>
            ) : null,
          )}
        </div>
      </div>
      <Panel>
        <Facts
          isShort
          facts={[
            ...parameterFacts(job.connection, job.parameters),
            [texts.madeBy, whoAndRoleIn(job.by)],
            job.chosenBy !== undefined && [texts.chosenBy, howChosen(job.chosenBy, app)],
            [texts.made, <Moment key="made" at={job.createdAt} />],
            job.startedAt !== null && [texts.started, <Moment key="started" at={job.startedAt} />],
            job.endedAt !== null && [texts.ended, <Moment key="ended" at={job.endedAt} />],
            job.approvedBy !== null && [texts.approvedBy, whoAndRoleIn(job.approvedBy)],
            job.cancelledBy !== undefined && [texts.cancelledBy, whoAndRoleIn(job.cancelledBy)],
            job.cancelledAt !== undefined && [t.jobStates.cancelled, <Moment key="cancelled" at={job.cancelledAt} />],
            [texts.failureShare, percentage(job.failureShare)],
          ]}
        />
      </Panel>
      <LinkTabs
        label={texts.items}
        tabs={[undefined, ...jobStates.filter((one) => counts[one] > 0 || one === shown)].map((one) => ({
          text: one ? stateIn(job, one) : texts.all,
          count: number(one ? counts[one] : counts.total),
          isOn: shown === one,
          to: { to: '.', search: (before: object) => ({ ...before, state: one }) },
        }))}
      />
      <Items job={job} state={shown} />
    </Page>
  );
}

/** Whoever still waits when a job was cancelled waits for nothing. */
const stateIn = ({ state }: Job, item: Item['state']): string =>
  state === 'cancelled' && item === 'waiting' ? texts.notTried : t.itemStates[item];

/** In words, so that whoever approves the job can judge whom it is for. */
function howChosen(chosenBy: NonNullable<Job['chosenBy']>, nameOfApp: string): string {
  const { way, file, filter = {} } = chosenBy;
  if (way !== 'filter') return [texts.chosenWays[way](file), ...namedOnce(chosenBy)].join(' · ');
  const { status, seat, app, search, window } = filter as Schemas['BulkFilter'];
  const parts = [
    search && `“${search}”`,
    status && `${t.people.status}: ${status.map((one) => t.statuses[one].name).join(', ')}`,
    seat && `${t.people.seat}: ${t.seats.names[seat]}`,
    app && t.people.ofApp(nameOfApp),
    seat && window && texts.usedWithin(window),
  ].filter((part) => typeof part === 'string' && part !== '');
  return `${texts.chosenWays.filter()}: ${texts.filterOf(parts as string[])}`;
}

/** What of a list was taken for nobody: who was named before, and lines of nobody. */
const namedOnce = ({ repeated, leftOut }: NonNullable<Job['chosenBy']>): string[] => [
  ...(repeated ? [texts.repeated(repeated)] : []),
  ...(leftOut ? [texts.leftOut(leftOut)] : []),
];

function Foreseen({ job }: { job: Job }) {
  if (job.foreseen.length === 0) return <p>{texts.noneForeseen}</p>;
  return (
    <p>
      {texts.foreseen}:{' '}
      {job.foreseen.map(({ code, count }) => (
        <span key={code} className={styles.foreseen}>
          {t.refusalOf(code)}: {number(count)}
        </span>
      ))}
    </p>
  );
}

function Items({ job, state }: { job: Job; state: Item['state'] | undefined }) {
  const items = useInfiniteQuery({
    queryKey: ['job-items', job.id, state],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      bodyOf(
        api.GET('/api/v1/bulk/{bulk}/items', {
          params: { path: { bulk: job.id }, query: { state, cursor, limit: 200 } },
        }),
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const columns: Column<Item>[] = [
    {
      id: 'person',
      title: texts.person,
      width: 'minmax(200px, 1.4fr)',
      isNarrow: true,
      cell: ({ person, login, ...item }) => (
        <span className={twoLines}>
          <Link to="/people/$in/$person" params={{ in: job.connection, person }} className={`${aboveRow} link`}>
            {login ?? person}
          </Link>
          <small className="onlyNarrow muted">{whyOf(item)}</small>
        </span>
      ),
    },
    {
      id: 'state',
      title: texts.state,
      width: 'minmax(140px, 0.7fr)',
      isNarrow: true,
      cell: ({ state: one }) => <Badge tone={itemTone[one]}>{stateIn(job, one)}</Badge>,
    },
    {
      id: 'why',
      title: texts.why,
      width: 'minmax(200px, 2fr)',
      cell: (item) => (
        <span className={layout.soft} title={whyOf(item)}>
          {whyOf(item)}
        </span>
      ),
    },
    {
      id: 'action',
      title: t.jobs.action,
      width: '110px',
      cell: ({ action }) =>
        action && (
          <Link to="/actions/$action" params={{ action }} className={`${aboveRow} link`}>
            {t.act.seeRecord}
          </Link>
        ),
    },
    { id: 'tries', title: texts.tries, width: '64px', isNumber: true, cell: ({ tries }) => number(tries) },
  ];
  return (
    <PagedTable
      query={items}
      rowsOf={itemsOf}
      label={texts.items}
      columns={columns}
      keyOf={({ n }) => String(n)}
      nameOf={({ login, person }) => login ?? person}
      empty={<Empty title={texts.noItems} />}
    />
  );
}

/** Why somebody was left out, or would be. */
function whyOf({ code, detail, foreseen, state }: Pick<Item, 'code' | 'detail' | 'foreseen' | 'state'>): string {
  if (detail) return detail;
  if (code) return t.refusalOf(code);
  return state === 'waiting' && foreseen ? texts.foreseenAs(t.refusalOf(foreseen)) : '';
}

const itemsOf = ({ items }: { items: Item[] }) => items;
