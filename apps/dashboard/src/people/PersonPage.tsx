import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ChevronDown, Zap } from 'lucide-react';
import { useMemo, useState } from 'react';
import { ActionPanel, type Target } from '../actions/ActionPanel';
import { objectOf } from '../actions/changes';
import { reasonAgainst } from '../actions/possible';
import type { Schemas } from '../api/client';
import { actionsQuery, catalogueQuery, connectionQuery, personQuery } from '../api/queries';
import { Calendar, everyDay, summed } from '../charts';
import { actionTone, oktaItself, seatTone, statusTone, usualWindow } from '../domain';
import { number } from '../format';
import { useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Button, IconButton, Segments } from '../ui/Button';
import { Menu } from '../ui/Menu';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { Badge, Facts, Figure, Figures, Moment, Panel } from '../ui/Parts';
import { Sheet } from '../ui/Sheet';
import { Empty, ProblemView, Skeleton } from '../ui/States';
import { LinkTabs } from '../ui/Tabs';
import styles from './person.module.css';
import { assignmentIn, whySeat } from './why-seat';

type Person = Schemas['Person'];

const route = getRouteApi('/people/$in/$person');
const above = { text: t.people.title, to: { to: '/people' } } as const;
const choices = [30, 60, 90, 365] as const;

export default function PersonPage() {
  const { in: connection, person: id } = route.useParams();
  const { window = usualWindow } = route.useSearch();
  const person = useQuery(personQuery(connection, id, window));
  return (
    <PageAnswer query={person} title={t.people.title} above={above}>
      {(found) => <Loaded person={found} window={window} />}
    </PageAnswer>
  );
}

function Loaded({ person, window }: { person: Person; window: number }) {
  const { tab = 'apps' } = route.useSearch();
  const navigate = route.useNavigate();
  const nameOfConnection = useConnectionNames();
  const [target, setTarget] = useState<Target>();
  const { usage, status, profile } = person;
  const name =
    usage?.person.name || [profile.firstName, profile.lastName].filter(Boolean).join(' ') || textOf(profile.login);
  const login = textOf(profile.login);
  const days = useMemo(() => everyDay(summed(usage?.days ?? []), window, usage?.asOf.signInsSince), [usage, window]);
  const seats = usage?.seats ?? [];
  const apps = seats.filter(({ app }) => app !== oktaItself);
  const signIns = usage?.days.reduce((sum, { signIns: count }) => sum + count, 0) ?? 0;
  const base = { connection: person.connection, person: { id: person.id, name, login, status } };
  const groups = person.groups.filter(({ type }) => type === 'OKTA_GROUP').map(({ id, name: text }) => ({ id, text }));
  const direct = apps.filter(({ scope }) => scope === 'USER').map(({ app, label }) => ({ id: app, text: label }));
  const act = (action?: Target['action'], values?: Target['values']) =>
    setTarget({
      ...base,
      ...(action && { action }),
      ...(values && { values }),
      known: {
        profile,
        ...(action === 'remove_user_from_group' && { groups }),
        ...(action === 'unassign_user_from_app' && { apps: direct }),
      },
    });
  const onAct = useMay('operator') ? act : undefined;
  return (
    <Page
      title={name}
      above={above}
      asOf={usage ? [usage.asOf] : undefined}
      window={window}
      lead={
        <span className={styles.lead}>
          {login}
          <Badge tone={statusTone[status]} isLoud hint={t.statuses[status].meaning}>
            {t.statuses[status].name}
          </Badge>
          <span className="muted">{nameOfConnection(person.connection)}</span>
        </span>
      }
      actions={
        onAct ? <ActMenu person={person} onChoose={onAct} /> : <span className="muted">{t.person.needsRole}</span>
      }
    >
      {!usage && <p className="muted">{t.person.notCounted}</p>}
      <Figures>
        <Figure
          name={t.person.lastSignIn}
          value={usage?.person.lastSignIn ? <Moment at={usage.person.lastSignIn} /> : t.person.never}
        />
        <Figure
          name={t.person.usedApps}
          value={apps.filter(({ seat }) => seat === 'used').length}
          detail={`${t.person.seats}: ${number(apps.filter(({ seat }) => seat !== 'none').length)}`}
        />
        <Figure name={t.person.signIns} value={signIns} detail={t.overview.within(window)} />
        <Figure
          name={t.people.columns.seat}
          value={t.seats.names[usage?.person.seat ?? 'none']}
          detail={usage && whySeat(usage.person.seat, usage.person.lastSignIn, window)}
        />
      </Figures>
      <div className={styles.columns}>
        <div className={styles.main}>
          <LinkTabs
            label={name}
            tabs={(['apps', 'groups', 'profile', 'actions'] as const).map((id) => ({
              text: t.person.tabs[id],
              isOn: tab === id,
              to: { to: '.', search: (before: object) => ({ ...before, tab: id === 'apps' ? undefined : id }) },
              ...(id === 'apps' && { count: number(apps.length) }),
              ...(id === 'groups' && { count: number(person.groups.length) }),
            }))}
          />
          <Panel isFlush={tab !== 'profile'}>
            {tab === 'apps' && <Apps seats={seats} person={person} window={window} onAct={onAct} />}
            {tab === 'groups' && <Groups person={person} onAct={onAct} />}
            {tab === 'profile' && <Profile profile={profile} />}
            {tab === 'actions' && <Actions person={person} />}
          </Panel>
        </div>
        <div className={styles.side}>
          <Panel
            title={t.person.signIns}
            aside={
              <span className={styles.window}>
                <Segments
                  label={t.person.window}
                  value={String(window)}
                  options={choices.map((choice) => [String(choice), String(choice)] as const)}
                  onChange={(choice) =>
                    void navigate({
                      search: (before) => ({
                        ...before,
                        window: Number(choice) === usualWindow ? undefined : Number(choice),
                      }),
                      replace: true,
                    })
                  }
                />
              </span>
            }
          >
            <Calendar days={days} label={t.person.calendarLabel} />
            <p className={styles.note}>{t.person.signInsText}</p>
          </Panel>
          <Panel>
            <Facts
              facts={[
                [t.people.status, t.statuses[status].meaning],
                [t.person.since, <Moment key="since" at={person.statusChanged} style="date" />],
                [t.person.created, <Moment key="created" at={person.created} style="date" />],
                [t.person.activated, <Moment key="activated" at={person.activated} style="date" />],
                [t.person.updated, <Moment key="updated" at={person.lastUpdated} />],
                person.deletedAt !== null && [t.person.deleted, <Moment key="deleted" at={person.deletedAt} />],
                [
                  t.people.columns.role,
                  <span key="role" className="muted" title={t.people.roleWhy}>
                    – {t.people.roleWhy}
                  </span>,
                ],
              ]}
            />
          </Panel>
        </div>
      </div>
      <ActionPanel target={target} onClose={() => setTarget(undefined)} />
    </Page>
  );
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

type OnAct = (action?: Target['action'], values?: Target['values']) => void;

/** All actions: those that are possible now, and why the others are not. */
function ActMenu({ person, onChoose }: { person: Person; onChoose: OnAct }) {
  const { data: kinds = [] } = useQuery(catalogueQuery);
  const { data: connection } = useQuery(connectionQuery(person.connection));
  const choicesNow = kinds
    .filter(({ needsPerson }) => needsPerson)
    .map((kind) => ({ kind, why: reasonAgainst(kind, { status: person.status, connection }) }));
  return (
    <Menu
      label={t.person.act}
      trigger={
        <Button look="primary" icon={<Zap />} isDisabled={kinds.length === 0}>
          {t.person.act}
          <ChevronDown aria-hidden />
        </Button>
      }
      choices={choicesNow
        .toSorted((a, b) => Number(a.why !== undefined) - Number(b.why !== undefined))
        .map(({ kind, why }) => ({
          id: kind.action,
          text: kind.title,
          isDisabled: why !== undefined,
          isDangerous: kind.action === 'delete_user' && why === undefined,
          onChoose: () => onChoose(kind.action),
          ...(why && { detail: why }),
        }))}
    />
  );
}

function Apps({
  seats,
  person,
  window,
  onAct,
}: {
  seats: Schemas['Seat'][];
  person: Person;
  window: number;
  onAct: OnAct | undefined;
}) {
  const groups = new Map(person.groups.map(({ id, name }) => [id, name]));
  const counts = new Map<string, number>();
  for (const { app, signIns } of person.usage?.days ?? []) counts.set(app, (counts.get(app) ?? 0) + signIns);
  if (seats.length === 0) return <Empty title={t.person.noApps} />;
  return (
    <Sheet<Schemas['Seat']>
      label={t.person.tabs.apps}
      rows={seats}
      keyOf={({ app }) => app}
      columns={[
        {
          title: t.person.app,
          cell: ({ app, label }) => (
            <Link to="/apps/$in/$app" params={{ in: person.connection, app }} className={styles.name}>
              {app === oktaItself ? t.person.okta : label}
            </Link>
          ),
        },
        {
          title: t.person.seat,
          cell: ({ app, seat, status, lastSignIn }) => {
            const assignment = app === oktaItself ? undefined : status;
            return (
              <span className={styles.seat}>
                <Badge tone={seatTone[seat]} hint={whySeat(seat, lastSignIn, window, assignment)}>
                  {t.seats.names[seat]}
                </Badge>
                {seat === 'none' && assignment !== undefined && (
                  <small className="muted">{t.seats.assignmentIs(assignmentIn(assignment))}</small>
                )}
              </span>
            );
          },
        },
        {
          title: t.person.how,
          cell: ({ scope, group }) => (
            <span className="muted">
              {scope === 'USER'
                ? t.person.direct
                : scope === 'GROUP'
                  ? (group && groups.get(group)) || t.person.byGroup
                  : '–'}
            </span>
          ),
        },
        {
          title: t.person.last,
          cell: ({ lastSignIn }) =>
            lastSignIn ? <Moment at={lastSignIn} /> : <span className="muted">{t.people.never}</span>,
        },
        { title: t.person.inWindow, isNumber: true, cell: ({ app }) => number(counts.get(app) ?? 0) },
        ...(onAct
          ? [
              {
                title: t.person.act,
                isTitleHidden: true,
                isNumber: true,
                cell: ({ app, label, scope, group }: Schemas['Seat']) =>
                  scope !== undefined && (
                    <IconButton
                      label={t.app.actOn(label)}
                      size="small"
                      icon={<Zap />}
                      onPress={() =>
                        scope === 'USER'
                          ? onAct('unassign_user_from_app', { app })
                          : onAct('remove_user_from_group', group ? { group } : {})
                      }
                    />
                  ),
              },
            ]
          : []),
      ]}
    />
  );
}

function Groups({ person, onAct }: { person: Person; onAct: OnAct | undefined }) {
  if (person.groups.length === 0) return <Empty title={t.person.noGroups} />;
  return (
    <>
      <Sheet<Person['groups'][number]>
        label={t.person.tabs.groups}
        rows={person.groups}
        keyOf={({ id }) => id}
        columns={[
          { title: t.person.group, cell: ({ name }) => <span className={styles.name}>{name}</span> },
          {
            title: t.person.groupType,
            cell: ({ type }) => <span className="muted">{t.person.groupTypes[type] ?? type}</span>,
          },
          ...(onAct
            ? [
                {
                  title: t.person.act,
                  isTitleHidden: true,
                  isNumber: true,
                  cell: ({ id, name, type }: Person['groups'][number]) =>
                    type === 'OKTA_GROUP' && (
                      <Button
                        size="small"
                        look="quiet"
                        aria-label={`${t.person.takeOut}: ${name}`}
                        onPress={() => onAct('remove_user_from_group', { group: id })}
                      >
                        {t.person.takeOut}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {person.moreGroups && <p className={styles.more}>{t.person.moreGroups}</p>}
    </>
  );
}

function Profile({ profile }: { profile: Record<string, unknown> }) {
  return (
    <Facts
      facts={Object.entries(profile)
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(
          ([name, value]) => [name, textOf(value) === '' ? <span className="muted">–</span> : textOf(value)] as const,
        )}
    />
  );
}

function Actions({ person }: { person: Person }) {
  const actions = useInfiniteQuery(actionsQuery({ connection: person.connection, person: person.id }));
  if (actions.isError) return <ProblemView error={actions.error} onRetry={() => void actions.refetch()} />;
  if (!actions.data) return <Skeleton lines={4} />;
  const all = actions.data.pages.flatMap((page) => page.actions);
  if (all.length === 0) return <Empty title={t.person.noActions} />;
  return (
    <Sheet<Schemas['Action']>
      label={t.person.tabs.actions}
      rows={all}
      keyOf={({ id }) => id}
      columns={[
        {
          title: t.actionList.action,
          cell: ({ id, action, before, after }) => (
            <span className={styles.action}>
              <Link to="/actions/$action" params={{ action: id }} className={styles.name}>
                {t.actionTitles[action]}
              </Link>
              <small className="muted">{objectOf({ before, after })}</small>
            </span>
          ),
        },
        {
          title: t.actionList.state,
          cell: ({ state, dryRun, undoneBy }) => (
            <Badge tone={actionTone[state]}>
              {t.actionStates[state]}
              {dryRun && <span className="muted"> {t.actionList.dryRun}</span>}
              {undoneBy && <span className="muted"> {t.actionList.undone}</span>}
            </Badge>
          ),
        },
        { title: t.actionList.reason, isLong: true, cell: ({ reason }) => <span className="muted">{reason}</span> },
        { title: t.actionList.when, cell: ({ createdAt }) => <Moment at={createdAt} /> },
      ]}
    />
  );
}
