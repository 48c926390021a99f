import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowRight, CircleCheck, Plug } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { actionsQuery, appQuery, connectionsQuery, jobsQuery, summaryQuery } from '../api/queries';
import { everyDay, SignIns, summed } from '../charts';
import {
  actionTone,
  oktaItself,
  personStatuses,
  statusTone,
  usualWindow,
  type Connection,
  type PersonStatus,
} from '../domain';
import { number, share } from '../format';
import { standingOf } from '../integrations/standing';
import { StandingMark } from '../integrations/StandingMark';
import { useRuns } from '../integrations/useLastRun';
import { useChosenConnection, useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { ButtonLink } from '../ui/Button';
import { Page } from '../ui/Page';
import { Badge, Figure, Figures, Moment, Notice, Panel, SeatBar } from '../ui/Parts';
import { Answer, Empty, Skeleton } from '../ui/States';
import { WindowSelect } from '../ui/WindowSelect';
import styles from './overview.module.css';

type Summary = Schemas['Summary'];

const route = getRouteApi('/');
const shownApps = 8;
const shownActions = 6;

export default function Overview() {
  const { window = usualWindow } = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = useChosenConnection();
  const connections = useQuery({ ...connectionsQuery, refetchInterval: 15_000 });
  const summary = useQuery({ ...summaryQuery(chosen, window), refetchInterval: 30_000 });
  const isAdmin = useMay('admin');
  if (connections.data?.length === 0)
    return (
      <Page title={t.overview.title}>
        <Empty
          icon={<Plug aria-hidden />}
          title={t.overview.welcome}
          action={
            isAdmin ? (
              <ButtonLink to="/integrations/okta/connect" look="primary">
                {t.overview.connect}
              </ButtonLink>
            ) : undefined
          }
        >
          {t.overview.welcomeText}
        </Empty>
      </Page>
    );
  // One that is disconnected, its history kept, is shown where it was chosen.
  const shown = (connections.data ?? []).filter(({ id, removedAt }) => (chosen ? id === chosen : removedAt === null));
  return (
    <Page
      title={t.overview.title}
      asOf={summary.data?.asOf}
      window={window}
      actions={
        <WindowSelect
          window={window}
          onChange={(days) => void navigate({ search: (before) => ({ ...before, window: days }), replace: true })}
        />
      }
    >
      <Answer query={summary} waiting={<Skeleton lines={8} height={40} />}>
        {(figures) => (
          <>
            <SeatLedger figures={figures} window={window} connections={shown} />
            <div className={styles.columns}>
              <div className={styles.column}>
                <Panel title={t.overview.perDay} aside={<span className={styles.legend}>{t.overview.legend}</span>}>
                  <PerDay connections={shown} window={window} />
                </Panel>
                <MostUnused figures={figures} window={window} isOfSeveral={shown.length > 1} />
              </div>
              <div className={styles.column}>
                <Attention connections={shown} chosen={chosen} />
                <ByStatus figures={figures} />
                <Lately connection={chosen} />
              </div>
            </div>
          </>
        )}
      </Answer>
    </Page>
  );
}

/** The seats of Okta itself, large; the rest beside it. */
function SeatLedger({ figures, window, connections }: { figures: Summary; window: number; connections: Connection[] }) {
  const { okta } = figures;
  const own = window === usualWindow ? {} : { window };
  const active = (figures.peopleByStatus as Partial<Record<PersonStatus, number>>).ACTIVE ?? 0;
  const only = connections.length === 1 ? connections[0] : undefined;
  return (
    <section id="seats" className={styles.ledger}>
      <div className={styles.seats}>
        <div className={styles.seatsHead}>
          <h2>
            {only ? (
              <Link to="/apps/$in/$app" params={{ in: only.id, app: oktaItself }} search={own}>
                {t.overview.okta}
              </Link>
            ) : (
              t.overview.okta
            )}
          </h2>
          <Link to="/people" search={{ seat: 'unused', ...own }} className={styles.unusedNote}>
            {t.overview.oktaText(share(okta.unused, okta.seats), window)}
          </Link>
        </div>
        <div className={styles.seatsFigures}>
          <Link to="/people" search={{ seat: 'licensed', ...own }} className={styles.big}>
            {number(okta.seats)}
          </Link>
          <span className={styles.split}>
            <Link to="/people" search={{ seat: 'used', ...own }}>
              <i className={styles.usedKey} aria-hidden /> {number(okta.used)} {t.overview.used}
            </Link>
            <Link to="/people" search={{ seat: 'unused', ...own }}>
              <i className={styles.unusedKey} aria-hidden /> {number(okta.unused)} {t.overview.unused}
            </Link>
          </span>
        </div>
        <SeatBar used={okta.used} unused={okta.unused} isLarge />
      </div>
      <Figures>
        <Figure
          name={t.overview.people}
          value={figures.people}
          detail={t.overview.active(number(active))}
          to={{ to: '/people' }}
        />
        <Figure
          name={t.overview.apps}
          value={figures.apps}
          detail={`${number(figures.assignments)} ${t.overview.assignments.toLowerCase()}`}
          to={{ to: '/apps', search: own }}
        />
        <Figure
          name={t.overview.signIns}
          value={figures.signIns}
          detail={
            figures.unattributed > 0 ? t.overview.unattributed(number(figures.unattributed)) : t.overview.within(window)
          }
          to={{ to: '/apps', search: own }}
        />
      </Figures>
      {!figures.complete && <Notice tone="info" title={t.overview.incomplete} />}
    </section>
  );
}

function PerDay({ connections, window }: { connections: Connection[]; window: number }) {
  const usages = useQueries({
    queries: connections.map(({ id }) => appQuery(id, oktaItself, window)),
    combine: (answers) => answers.flatMap(({ data }) => (data ? [data] : [])),
  });
  const days = useMemo(() => {
    // From when on all of them are known.
    const since = usages.map(({ asOf }) => asOf.signInsSince ?? '').reduce((a, b) => (a > b ? a : b), '');
    return everyDay(summed(usages.flatMap((usage) => usage.days)), window, since);
  }, [usages, window]);
  if (usages.length === 0) return <Skeleton lines={6} height={22} />;
  return <SignIns days={days} label={t.overview.perDay} height={210} />;
}

function MostUnused({
  figures,
  window,
  isOfSeveral,
}: {
  figures: Summary;
  window: number;
  /** Whether the org of an app is to be named with it. */
  isOfSeveral: boolean;
}) {
  const nameOfConnection = useConnectionNames();
  const apps = figures.mostUnused.slice(0, shownApps);
  const most = Math.max(1, ...apps.map(({ seats }) => seats));
  const own = window === usualWindow ? {} : { window };
  return (
    <Panel
      id="most-unused"
      title={t.overview.mostUnused}
      isFlush
      aside={
        <Link to="/apps" search={own} className="link">
          {t.overview.allApps}
        </Link>
      }
    >
      {apps.length === 0 ? (
        <Empty title={t.apps.empty}>{t.apps.emptyText}</Empty>
      ) : (
        <ul className={styles.apps}>
          {apps.map(({ connection, id, label, seats, used, unused }) => (
            <li key={`${connection}${id}`}>
              <Link
                to="/apps/$in/$app"
                params={{ in: connection, app: id }}
                search={{ seat: 'unused', ...own }}
                className={styles.app}
              >
                <span className={styles.appName}>
                  {label}
                  {isOfSeveral && <small className="muted">{nameOfConnection(connection)}</small>}
                </span>
                <SeatBar used={used} unused={unused} max={most} />
                <span className={styles.appUnused}>
                  <strong>{number(unused)}</strong> <span className="muted">/ {number(seats)}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function ByStatus({ figures }: { figures: Summary }) {
  const counts = figures.peopleByStatus as Partial<Record<PersonStatus, number>>;
  const shown = personStatuses.filter((status) => (counts[status] ?? 0) > 0);
  const most = Math.max(1, ...shown.map((status) => counts[status]!));
  return (
    <Panel title={t.overview.byStatus} isFlush>
      <ul className={styles.statuses}>
        {shown.map((status) => (
          <li key={status}>
            <Link
              to="/people"
              search={{ status: [status] }}
              className={styles.status}
              title={t.statuses[status].meaning}
            >
              <Badge tone={statusTone[status]}>{t.statuses[status].name}</Badge>
              <span className={styles.statusBar}>
                <span style={{ width: `${(counts[status]! / most) * 100}%` }} />
              </span>
              <span className={styles.statusCount}>{number(counts[status]!)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What waits for somebody: orgs that do not do well, jobs to approve, actions of which the end is not known. */
function Attention({ connections, chosen }: { connections: Connection[]; chosen: string | undefined }) {
  const of = chosen ? { connection: chosen } : {};
  const jobs = useInfiniteQuery({ ...jobsQuery(of), refetchInterval: 30_000 });
  const unknown = useInfiniteQuery({ ...actionsQuery({ ...of, state: 'unknown' }), refetchInterval: 60_000 });
  const waiting =
    jobs.data?.pages
      .flatMap((page) => page.jobs)
      .filter(({ state }) => state === 'waiting_for_approval' || state === 'stopped') ?? [];
  const unsettled = unknown.data?.pages.flatMap((page) => page.actions).slice(0, 5) ?? [];
  const items: ReactNode[] = [
    ...waiting.map((job) => (
      <Link key={job.id} to="/jobs/$bulk" params={{ bulk: job.id }} className={styles.item}>
        <StandingMark tone={job.state === 'stopped' ? 'bad' : 'warn'} />
        <span>
          {job.state === 'stopped'
            ? `${t.actionTitles[job.action]}: ${t.jobStates.stopped}`
            : t.overview.jobWaits(t.actionTitles[job.action], number(job.counts.total))}
        </span>
        <ArrowRight aria-hidden />
      </Link>
    )),
    ...unsettled.map((action) => (
      <Link key={action.id} to="/actions/$action" params={{ action: action.id }} className={styles.item}>
        <StandingMark tone="warn" />
        <span>
          {t.actionTitles[action.action]} · {action.login}
          <small>{t.overview.unknownActions}</small>
        </span>
        <ArrowRight aria-hidden />
      </Link>
    )),
  ];
  return (
    <Panel title={t.overview.attention} isFlush>
      {connections.map((connection) => (
        <OrgAttention key={connection.id} connection={connection} />
      ))}
      {items}
    </Panel>
  );
}

function OrgAttention({ connection }: { connection: Connection }) {
  const { runs, last } = useRuns(connection.id);
  const { tone, title, reasons } = standingOf(connection, last, runs.isPending);
  return (
    <Link to="/integrations/okta/$in" params={{ in: connection.id }} className={styles.item}>
      <StandingMark tone={tone} />
      <span>
        {connection.name}
        <small>{[title, ...reasons].join('. ')}</small>
      </span>
      {tone === 'good' ? <CircleCheck aria-hidden className={styles.invisible} /> : <ArrowRight aria-hidden />}
    </Link>
  );
}

function Lately({ connection }: { connection: string | undefined }) {
  const actions = useInfiniteQuery({ ...actionsQuery({ connection }), refetchInterval: 30_000 });
  const all =
    actions.data?.pages
      .flatMap((page) => page.actions)
      .filter(({ dryRun }) => !dryRun)
      .slice(0, shownActions) ?? [];
  return (
    <Panel
      title={t.overview.lately}
      isFlush
      aside={
        <Link to="/actions" className="link">
          {t.overview.allActions}
        </Link>
      }
    >
      {actions.isPending ? (
        <Skeleton lines={3} />
      ) : all.length === 0 ? (
        <p className={styles.nothing}>{t.overview.nothingDone}</p>
      ) : (
        all.map((action) => (
          <Link key={action.id} to="/actions/$action" params={{ action: action.id }} className={styles.done}>
            <Badge tone={actionTone[action.state]}>{t.actionTitles[action.action]}</Badge>
            <span className="muted">
              {[action.login ?? t.actionList.nobody, action.state !== 'done' && t.actionStates[action.state]]
                .filter(Boolean)
                .join(' · ')}
            </span>
            <Moment at={action.createdAt} />
          </Link>
        ))
      )}
    </Panel>
  );
}
