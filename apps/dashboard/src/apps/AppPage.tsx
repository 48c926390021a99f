import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Layers, Zap } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { ActionPanel, type Target } from '../actions/ActionPanel';
import type { Schemas } from '../api/client';
import {
  activePeopleQuery,
  appGroupsQuery,
  appHoursQuery,
  appQuery,
  peopleQuery,
  type PeopleQuery,
} from '../api/queries';
import {
  Active,
  averageOf,
  averagesOf,
  busiestOf,
  Calendar,
  everyDay,
  hourName,
  Hours,
  SignIns,
  weekendOf,
  type Day,
} from '../charts';
import { oktaItself, seatStates, seatTone, statusTone, usualWindow, type SeatState } from '../domain';
import { dayName, number, roughly, share, zoneHere, zonesWith } from '../format';
import { useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Button, ButtonLink, IconButton } from '../ui/Button';
import { aboveRow, DataTable, rowLink, twoLines, type Column } from '../ui/DataTable';
import { SearchField } from '../ui/Field';
import { Explained } from '../ui/Hint';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { Badge, Figure, Figures, Initials, Moment, Notice, Panel, SeatBar } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Sheet } from '../ui/Sheet';
import { Answer, Empty, ProblemView, Skeleton } from '../ui/States';
import { LinkTabs } from '../ui/Tabs';
import { useTyped } from '../ui/useTyped';
import { WindowSelect } from '../ui/WindowSelect';
import { assignmentIn, whySeat } from '../people/why-seat';
import styles from './apps.module.css';

type Usage = Schemas['AppUsage'];
type Row = Schemas['ListedPerson'];
type Sort = NonNullable<PeopleQuery['sort']>;

const route = getRouteApi('/apps/$in/$app');
const above = { text: t.apps.title, to: { to: '/apps' } } as const;

const toSeat = (seat: SeatState) =>
  ({ to: '.', search: (before: object) => ({ ...before, tab: undefined, seat }) }) as const;

export default function AppPage() {
  const { in: connection, app } = route.useParams();
  const { window = usualWindow } = route.useSearch();
  const usage = useQuery({ ...appQuery(connection, app, window), refetchInterval: 60_000 });
  return (
    <PageAnswer query={usage} title={t.apps.title} above={above}>
      {(found) => <Loaded usage={found} window={window} />}
    </PageAnswer>
  );
}

function Loaded({ usage, window }: { usage: Usage; window: number }) {
  const { app, days } = usage;
  const { tab = 'people' } = route.useSearch();
  const navigate = route.useNavigate();
  const nameOfConnection = useConnectionNames();
  const all = useMemo(() => everyDay(days, window, usage.asOf.signInsSince), [days, window, usage.asOf.signInsSince]);
  const working = all.filter(({ day }) => ![0, 6].includes(new Date(day).getUTCDay()));
  const label = app.id === oktaItself ? t.app.okta : app.label;
  return (
    <Page
      isFilled={tab === 'people'}
      title={label}
      above={above}
      asOf={[usage.asOf]}
      window={window}
      lead={
        <span className={styles.lead}>
          <Badge tone={app.status === 'ACTIVE' ? 'good' : 'plain'}>
            {app.status === 'ACTIVE' ? t.apps.active : t.apps.inactive}
          </Badge>
          <code>{app.name}</code>
          <span>{nameOfConnection(app.connection)}</span>
        </span>
      }
      actions={
        <WindowSelect
          window={window}
          onChange={(chosen) => void navigate({ search: (before) => ({ ...before, window: chosen }), replace: true })}
        />
      }
    >
      <div className={styles.hero}>
        <Figures>
          <Figure name={t.app.licensed} value={app.seats} to={toSeat('licensed')} />
          <Figure
            name={t.app.used}
            value={app.used}
            detail={t.app.usedDetail(share(app.used, app.seats), window)}
            to={toSeat('used')}
          />
          <Figure
            name={t.app.unused}
            value={app.unused}
            detail={t.app.unusedDetail(share(app.unused, app.seats))}
            to={toSeat('unused')}
            {...(app.unused > app.used && { tone: 'warn' as const })}
          />
          <Figure
            name={t.app.activePerDay}
            value={roughly(working.reduce((sum, { people = 0 }) => sum + people, 0) / Math.max(1, working.length))}
            detail={t.app.activeDetail}
            to={{ to: '.', search: (before: object) => ({ ...before, tab: 'usage' }) }}
          />
        </Figures>
        <SeatBar used={app.used} unused={app.unused} isLarge />
      </div>
      <LinkTabs
        label={label}
        tabs={(['people', 'usage', ...(app.id === oktaItself ? [] : (['groups'] as const))] as const).map((id) => ({
          text: t.app.tabs[id],
          isOn: tab === id,
          to: { to: '.', search: (before: object) => ({ ...before, tab: id === 'people' ? undefined : id }) },
        }))}
      />
      {tab === 'people' && <People usage={usage} window={window} />}
      {tab === 'usage' && <Use app={app} window={window} days={all} label={label} />}
      {tab === 'groups' && <Groups app={app} label={label} />}
    </Page>
  );
}

interface UseOf {
  app: Usage['app'];
  window: number;
  label: string;
}

/** When it is used, and by how many: by day, by hour of the week, by weekday, and week by week. */
function Use({ app, window, days, label }: UseOf & { days: Day[] }) {
  if (days.every(({ signIns }) => signIns === 0)) return <Empty title={t.app.noUse}>{t.app.noUseText}</Empty>;
  return (
    <div className={styles.usage}>
      <div className={layout.wide}>
        <Panel title={t.app.signIns} aside={<span className={styles.chartNote}>{t.overview.legend}</span>}>
          <SignIns days={days} label={t.app.signInsLabel(label)} height={240} />
        </Panel>
        <ActivePeople app={app} window={window} label={label} />
      </div>
      <div className={layout.wide}>
        <Panel title={t.app.calendar}>
          <Calendar days={days} label={t.app.calendarLabel(label)} />
        </Panel>
        <Weekdays app={app} window={window} />
      </div>
      <div className={styles.wide}>
        <HoursOfWeek app={app} window={window} label={label} />
      </div>
    </div>
  );
}

/** In the time zone that is chosen for all of the page. */
function useHours({ app, window }: Omit<UseOf, 'label'>) {
  const { zone = zoneHere() } = route.useSearch();
  const hours = useQuery({ ...appHoursQuery(app.connection, app.id, window, zone), refetchInterval: 60_000 });
  return { zone, hours };
}

/** How much an average Monday has, and so on: what its hours have together. */
function Weekdays(of: Omit<UseOf, 'label'>) {
  const { zone, hours } = useHours(of);
  return (
    <Panel title={t.app.average(zone)}>
      <Answer query={hours}>
        {({ hours: week, from, earlier }) => {
          const averages = averagesOf(week);
          const most = Math.max(1, ...averages);
          return (
            <>
              <div className={styles.weekdays}>
                {averages.map((average, place) => (
                  <WeekdayLine key={place} name={t.app.weekdays[place]!} average={average} most={most} />
                ))}
              </div>
              {earlier > 0 && <p className="muted">{t.app.hoursSince(dayName(from))}</p>}
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}

/** The hours of the week in a time zone, and what they say in words. */
function HoursOfWeek({ app, window, label }: UseOf) {
  const usual = zoneHere();
  const { zone, hours } = useHours({ app, window });
  const navigate = route.useNavigate();
  return (
    <Panel
      title={t.app.hours}
      aside={
        <span className={styles.chartNote}>
          <Select
            label={t.app.zone}
            look="quiet"
            value={zone}
            options={zonesWith(usual, zone).map((id) => ({
              id,
              text: id,
              ...(id === usual && { detail: t.app.usualZone }),
            }))}
            onChange={(chosen) =>
              void navigate({
                search: (before) => ({ ...before, zone: chosen === usual ? undefined : chosen }),
                replace: true,
              })
            }
          />
        </span>
      }
    >
      <Answer query={hours}>
        {({ hours: week, from, earlier }) => {
          const busiest = busiestOf(week);
          const all = week.reduce((sum, { signIns }) => sum + signIns, 0);
          return (
            <div className={styles.said}>
              <Hours week={week} label={t.app.hoursLabel(label, zone)} />
              {busiest && (
                <p>
                  {t.app.busiest(
                    t.app.weekdays[busiest.weekday - 1]!,
                    hourName(busiest.hour),
                    hourName(busiest.hour + 1),
                    roughly(averageOf(busiest)),
                  )}{' '}
                  {t.app.weekend(share(weekendOf(week), all))}
                </p>
              )}
              <p className="muted">{t.app.hoursMean}</p>
              {earlier > 0 && (
                <Notice tone="info" title={t.app.hoursSince(dayName(from))}>
                  {t.app.hoursSinceText(earlier)}
                </Notice>
              )}
            </div>
          );
        }}
      </Answer>
    </Panel>
  );
}

function ActivePeople({ app, window, label }: UseOf) {
  const active = useQuery({ ...activePeopleQuery(app.connection, app.id, window), refetchInterval: 60_000 });
  return (
    <Panel title={t.app.active} aside={<span className={styles.chartNote}>{t.app.activeLegend}</span>}>
      <Answer query={active}>
        {({ days }) => (
          <div className={styles.said}>
            <Active days={days} label={t.app.activeLabel(label)} />
            <p className="muted">{t.app.activeNote}</p>
          </div>
        )}
      </Answer>
    </Panel>
  );
}

type Giving = Pick<Schemas['GivingGroup'], 'id' | 'name' | 'type' | 'people'>;

/** By what people hold it: the groups that give it, and what else there is. */
function Groups({ app, label }: Omit<UseOf, 'window'>) {
  const groups = useQuery(appGroupsQuery(app.connection, app.id));
  return (
    <Answer query={groups}>
      {({ groups: giving, direct, byOther, moreGroups }) => {
        const rest: Giving[] = [
          { id: 'direct', name: t.app.directly, type: '', people: direct },
          ...(byOther === 0 ? [] : [{ id: 'other', name: t.app.byOther, type: '', people: byOther }]),
        ];
        if (giving.length === 0 && !byOther)
          return <Empty title={t.app.noGroups}>{direct !== null && t.app.noGroupsText(direct)}</Empty>;
        return (
          <Panel>
            <div className={styles.said}>
              <Sheet<Giving>
                label={`${label}: ${t.app.tabs.groups}`}
                rows={[...giving, ...rest]}
                keyOf={({ id }) => id}
                columns={[
                  { title: t.app.group, cell: ({ id, name }) => name || <code>{id}</code> },
                  { title: t.app.groupType, cell: ({ type }) => <code className="muted">{type}</code> },
                  {
                    title: t.app.comeBy,
                    isNumber: true,
                    cell: ({ people }) => (people === null ? '–' : number(people)),
                  },
                ]}
              />
              <p className="muted">
                {direct === null ? t.app.originsLater : t.app.groupsNote}
                {moreGroups && ` ${t.app.moreGroups}`}
              </p>
            </div>
          </Panel>
        );
      }}
    </Answer>
  );
}

const WeekdayLine = ({ name, average, most }: { name: string; average: number; most: number }) => (
  <>
    <span>{name}</span>
    <span>
      <span className={styles.bar} style={{ width: `${(average / most) * 100}%` }} />
    </span>
    <span className={styles.value}>{roughly(average)}</span>
  </>
);

/** Everybody who is assigned, those who never signed in as well, each with why the seat counts as it does. */
function People({ usage, window }: { usage: Usage; window: number }) {
  const { app } = usage;
  const isOkta = app.id === oktaItself;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const mayAct = useMay('operator');
  const { sort = 'name', order = 'asc', seat } = search;
  const people = useInfiniteQuery({
    ...peopleQuery({
      connection: app.connection,
      window,
      sort,
      order,
      search: search.search,
      seat,
      ...(!isOkta && { app: app.id }),
    }),
    refetchInterval: 60_000,
  });
  const rows = useMemo(() => people.data?.pages.flatMap((page) => page.people) ?? [], [people.data]);
  const { fetchNextPage } = people;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const change = (to: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  const [typed, setTyped] = useTyped(search.search ?? '', (text) => change({ search: text || undefined }));
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [target, setTarget] = useState<Target>();
  const act = ({ id, name, login, status }: Row) =>
    setTarget({
      connection: app.connection,
      person: { id, name, login, status },
      ...(!isOkta && {
        action: 'unassign_user_from_app' as const,
        values: { app: app.id },
        known: { apps: [{ id: app.id, text: app.label }] },
      }),
    });
  const { columns: titles } = t.app;
  const columns: Column<Row, Sort>[] = [
    {
      id: 'name',
      title: titles.name,
      width: 'minmax(180px, 1.4fr)',
      sort: 'name',
      isNarrow: true,
      cell: ({ connection, id, name, login, seat: state, lastSignIn, assignment }) => (
        <>
          <Initials name={name} />
          <span className={twoLines}>
            <Link to="/people/$in/$person" params={{ in: connection, person: id }} className={rowLink}>
              {name || login}
            </Link>
            <small className="onlyNarrow muted">
              {state === 'none' && assignment !== undefined
                ? t.seats.assignmentIs(assignmentIn(assignment))
                : whySeat(state, lastSignIn, window)}
            </small>
          </span>
        </>
      ),
    },
    {
      id: 'status',
      title: titles.status,
      width: 'minmax(150px, 0.8fr)',
      sort: 'status',
      cell: ({ status }) => <Badge tone={statusTone[status]}>{t.statuses[status].name}</Badge>,
    },
    {
      id: 'seat',
      title: titles.seat,
      width: '104px',
      isNarrow: true,
      cell: ({ seat: state }) => <Badge tone={seatTone[state]}>{t.seats.names[state]}</Badge>,
    },
    {
      id: 'why',
      title: titles.why,
      width: 'minmax(200px, 1.7fr)',
      cell: ({ seat: state, lastSignIn, assignment }) => (
        <span className={styles.soft}>{whySeat(state, lastSignIn, window, assignment)}</span>
      ),
    },
    {
      id: 'lastSignIn',
      title: titles.lastSignIn,
      width: '128px',
      sort: 'lastSignIn',
      cell: ({ lastSignIn }) =>
        lastSignIn ? <Moment at={lastSignIn} /> : <span className="muted">{t.people.never}</span>,
    },
    {
      id: 'role',
      title: titles.role,
      width: '64px',
      cell: ({ role }) =>
        role || (
          <span className={aboveRow}>
            <Explained text={t.people.roleWhy}>–</Explained>
          </span>
        ),
    },
    ...(mayAct
      ? [
          {
            id: 'act',
            title: titles.act,
            width: '44px',
            cell: (row: Row) => (
              <span className={aboveRow}>
                <IconButton
                  label={t.app.actOn(row.name || row.login)}
                  size="small"
                  icon={<Zap />}
                  onPress={() => act(row)}
                />
              </span>
            ),
          },
        ]
      : []),
  ];
  const isFiltered = Boolean(search.search || seat);
  const total = search.search
    ? undefined
    : seat === undefined
      ? undefined
      : { licensed: app.seats, used: app.used, unused: app.unused, none: undefined }[seat];
  return (
    <div className={styles.tab}>
      <div className={styles.filters}>
        <SearchField label={t.app.search} value={typed} onChange={setTyped} />
        <Select
          label={t.app.seat}
          look="bare"
          prefix={t.app.seat}
          value={seat ?? 'any'}
          options={[{ id: 'any', text: t.common.any }, ...seatStates.map((id) => ({ id, text: t.seats.names[id] }))]}
          onChange={(id) => change({ seat: id === 'any' ? undefined : (id as SeatState) })}
        />
        {isFiltered && (
          <Button look="quiet" size="small" onPress={() => change({ search: undefined, seat: undefined })}>
            {t.common.clear}
          </Button>
        )}
        {mayAct && selected.size > 0 && (
          <ButtonLink
            to="/jobs/new"
            look="primary"
            size="small"
            icon={<Layers />}
            search={{
              in: app.connection,
              people: [...selected],
              ...(!isOkta && { action: 'unassign_user_from_app' as const, app: app.id }),
            }}
          >
            {`${t.people.act} (${number(selected.size)})`}
          </ButtonLink>
        )}
        {mayAct && selected.size === 0 && seat === 'unused' && rows.length > 0 && (
          <ButtonLink
            to="/jobs/new"
            size="small"
            icon={<Layers />}
            search={{
              in: app.connection,
              seat,
              window: search.window,
              search: search.search,
              ...(!isOkta && { action: 'unassign_user_from_app' as const, app: app.id }),
            }}
          >
            {t.people.act}
          </ButtonLink>
        )}
      </div>
      {people.isError ? (
        <ProblemView error={people.error} onRetry={() => void people.refetch()} />
      ) : people.isPending ? (
        <Skeleton lines={10} height={22} />
      ) : (
        <DataTable<Row, Sort>
          label={t.app.tabs.people}
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          nameOf={({ name }) => name}
          sorting={{ by: sort, order }}
          onSort={({ by, order: way }) => change({ sort: by, order: way })}
          selection={mayAct ? { keys: selected, onChange: setSelected } : undefined}
          hasMore={people.hasNextPage}
          isLoadingMore={people.isFetchingNextPage}
          onMore={more}
          isDimmed={people.isPlaceholderData}
          total={total}
          empty={<Empty title={isFiltered ? t.app.nobodyFits : t.app.nobody} />}
        />
      )}
      <ActionPanel target={target} onClose={() => setTarget(undefined)} />
    </div>
  );
}
