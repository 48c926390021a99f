import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Download, Layers, UsersRound, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { Schemas } from '../api/client';
import { attributesQuery, connectionsQuery, peopleQuery, summaryQuery, type PeopleQuery } from '../api/queries';
import {
  personStatuses,
  seatStates,
  seatTone,
  statusTone,
  usualWindow,
  type PersonStatus,
  type SeatState,
} from '../domain';
import { useAppName } from '../apps/useAppName';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { useChosenConnection, useConnectionNames, useMay } from '../shell/context';
import { writeSearch } from '../search';
import { t } from '../texts';
import { Button, ButtonLink, FileLink } from '../ui/Button';
import { aboveRow, DataTable, rowLink, twoLines, type Column, type Sorting } from '../ui/DataTable';
import { SearchField } from '../ui/Field';
import { Page } from '../ui/Page';
import { Badge, Initials, Moment } from '../ui/Parts';
import { Empty, ProblemView, Skeleton } from '../ui/States';
import { Explained } from '../ui/Hint';
import { MultiSelect, Select } from '../ui/Select';
import { useNarrow } from '../ui/useNarrow';
import { useTyped } from '../ui/useTyped';
import { WindowSelect } from '../ui/WindowSelect';
import styles from './people.module.css';
import { whySeat } from './why-seat';

type Row = Schemas['ListedPerson'];
type Sort = NonNullable<PeopleQuery['sort']>;
type UsualColumn = keyof typeof t.people.columns;
/** An attribute of the profile is a column by its name in Okta. */
type ColumnId = UsualColumn | `profile.${string}`;

const route = getRouteApi('/people');
const inProfile = 'profile.';
const usualColumns: ColumnId[] = ['name', 'email', 'status', 'seat', 'lastSignIn', 'connection'];
const narrowColumns: ColumnId[] = ['name', 'status'];
const keyOf = ({ connection, id }: Row) => `${connection}|${id}`;

export default function People() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const connection = useChosenConnection();
  const nameOfConnection = useConnectionNames();
  const { data: connections } = useQuery(connectionsQuery);
  const isNarrow = useNarrow();
  const mayAct = useMay('operator');
  const window = search.window ?? usualWindow;
  const shown = (search.columns as ColumnId[] | undefined) ?? (isNarrow ? narrowColumns : usualColumns);
  const attributes = shown.filter((id) => id.startsWith(inProfile)).map((id) => id.slice(inProfile.length));
  const { data: known = [] } = useQuery(attributesQuery(connection));
  const query: PeopleQuery = {
    window,
    sort: search.sort ?? 'name',
    order: search.order ?? 'asc',
    ...(connection && { connection }),
    ...(search.search && { search: search.search }),
    ...(search.status && { status: search.status }),
    ...(search.seat && { seat: search.seat }),
    ...(search.app && connection && { app: search.app }),
    ...(attributes.length > 0 && { attributes }),
  };
  const people = useInfiniteQuery({ ...peopleQuery(query), refetchInterval: 60_000 });
  const rows = useMemo(() => people.data?.pages.flatMap((page) => page.people) ?? [], [people.data]);
  const { fetchNextPage } = people;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const change = (to: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  const [typed, setTyped] = useTyped(search.search ?? '', (text) => change({ search: text || undefined }));
  const total = useTotal(query, connection);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());

  const usual: Record<UsualColumn, Column<Row, Sort>> = useMemo(
    () => columnsOf(window, nameOfConnection),
    // The names come with the connections.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [window, connections],
  );
  const columns = useMemo(
    () => [
      ...(Object.keys(usual) as UsualColumn[])
        .filter(
          (id) => id === 'name' || (shown.includes(id) && !(id === 'connection' && connection && !search.columns)),
        )
        .map((id) => usual[id]),
      ...attributes.map(attributeColumn),
    ],
    // What is shown is what the address says, and the attributes are among it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [usual, connection, search.columns, isNarrow],
  );
  const isFiltered = Boolean(search.search || search.status || search.seat || search.app);
  const orgs = new Set([...selected].map((key) => key.split('|')[0]!));
  const asOf = people.data?.pages[0]?.asOf;

  return (
    <Page
      isFilled
      title={t.people.title}
      asOf={asOf}
      window={window}
      actions={
        <FileLink icon={<Download aria-hidden />} href={`/api/v1/people.csv${writeSearch(query)}`}>
          {t.people.csv}
        </FileLink>
      }
    >
      <div className={styles.filters}>
        <SearchField label={t.people.search} value={typed} onChange={setTyped} />
        <MultiSelect
          label={t.people.status}
          values={search.status ?? []}
          options={personStatuses.map((id) => ({ id, text: t.statuses[id].name }))}
          onChange={(status) => change({ status: status.length > 0 ? (status as PersonStatus[]) : undefined })}
        />
        <Select
          label={t.people.seat}
          look="bare"
          prefix={t.people.seat}
          value={search.seat ?? 'any'}
          options={[
            { id: 'any', text: t.people.anySeat },
            ...seatStates.map((id) => ({ id, text: t.seats.names[id] })),
          ]}
          onChange={(seat) => change({ seat: seat === 'any' ? undefined : (seat as SeatState) })}
        />
        <WindowSelect window={window} onChange={(days) => change({ window: days })} />
        {query.app && (
          <OfApp connection={query.connection!} app={query.app} onClear={() => change({ app: undefined })} />
        )}
        {isFiltered && (
          <Button
            look="quiet"
            size="small"
            onPress={() => change({ search: undefined, status: undefined, seat: undefined, app: undefined })}
          >
            {t.common.clear}
          </Button>
        )}
        <span className={styles.columnsChoice}>
          <MultiSelect
            label={t.table.columns}
            isFilter={false}
            values={shown.filter((id) => id !== 'name')}
            options={[
              ...(Object.keys(usual) as UsualColumn[])
                .filter((id) => id !== 'name')
                .map((id) => ({
                  id,
                  text: t.people.columns[id],
                  ...(id === 'role' && { detail: t.people.roleWhy }),
                })),
              ...[...new Set([...attributes, ...known])].map((name) => ({
                id: inProfile + name,
                text: name,
                detail: t.people.attribute,
              })),
            ]}
            onChange={(ids) => change({ columns: ['name', ...ids] })}
          />
        </span>
      </div>
      {selected.size > 0 && (
        <div className={styles.selection} role="status">
          <strong>{t.table.selected(selected.size)}</strong>
          <Button size="small" look="quiet" onPress={() => setSelected(new Set())}>
            {t.common.clear}
          </Button>
          {mayAct &&
            (orgs.size === 1 ? (
              <ButtonLink
                to="/jobs/new"
                size="small"
                look="primary"
                icon={<Layers />}
                search={{ in: [...orgs][0]!, people: [...selected].map((key) => key.split('|')[1]!) }}
              >
                {t.people.act}
              </ButtonLink>
            ) : (
              <span className="muted">{t.people.actOne}</span>
            ))}
        </div>
      )}
      {people.isError ? (
        <ProblemView error={people.error} onRetry={() => void people.refetch()} />
      ) : people.isPending ? (
        <Skeleton lines={14} height={22} />
      ) : (
        <DataTable<Row, Sort>
          label={t.people.title}
          columns={columns}
          isWide={search.columns !== undefined}
          rows={rows}
          keyOf={keyOf}
          nameOf={({ name }) => name}
          sorting={{ by: query.sort!, order: query.order! }}
          onSort={({ by, order }: Sorting<Sort>) => change({ sort: by, order })}
          selection={mayAct ? { keys: selected, onChange: setSelected } : undefined}
          hasMore={people.hasNextPage}
          isLoadingMore={people.isFetchingNextPage}
          onMore={more}
          isDimmed={people.isPlaceholderData}
          total={total}
          empty={
            isFiltered ? (
              <Empty title={t.people.none}>{t.people.noneText}</Empty>
            ) : (
              <ConnectFirst icon={<UsersRound aria-hidden />} title={t.people.empty}>
                {t.people.emptyText}
              </ConnectFirst>
            )
          }
        />
      )}
    </Page>
  );
}

function attributeColumn(name: string): Column<Row, Sort> {
  return {
    id: inProfile + name,
    title: name,
    width: 'minmax(130px, 0.8fr)',
    cell: ({ attributes }) => {
      const value = attributes?.[name];
      if (value === undefined || value === null) return <span className={styles.soft}>–</span>;
      return <span className={styles.soft}>{typeof value === 'string' ? value : JSON.stringify(value)}</span>;
    },
  };
}

function columnsOf(window: number, nameOfConnection: (id: string) => string): Record<UsualColumn, Column<Row, Sort>> {
  const { columns } = t.people;
  return {
    name: {
      id: 'name',
      title: columns.name,
      width: 'minmax(170px, 1.5fr)',
      sort: 'name',
      isNarrow: true,
      cell: ({ connection, id, name, login }) => (
        <>
          <Initials name={name} />
          <span className={twoLines}>
            <Link to="/people/$in/$person" params={{ in: connection, person: id }} className={rowLink}>
              {name || login}
            </Link>
            <small className={styles.onlyNarrow}>{login}</small>
          </span>
        </>
      ),
    },
    login: {
      id: 'login',
      title: columns.login,
      width: 'minmax(170px, 1.4fr)',
      cell: ({ login }) => <span className="muted">{login}</span>,
    },
    email: {
      id: 'email',
      title: columns.email,
      width: 'minmax(180px, 1.5fr)',
      sort: 'email',
      cell: ({ email }) => <span className={styles.soft}>{email}</span>,
    },
    status: {
      id: 'status',
      title: columns.status,
      width: 'minmax(150px, 0.8fr)',
      sort: 'status',
      isNarrow: true,
      cell: ({ status }) => <Badge tone={statusTone[status]}>{t.statuses[status].name}</Badge>,
    },
    seat: {
      id: 'seat',
      title: columns.seat,
      width: 'minmax(100px, 0.6fr)',
      cell: ({ seat, lastSignIn }) => (
        <span className={aboveRow} title={whySeat(seat, lastSignIn, window)}>
          <Badge tone={seatTone[seat]}>{t.seats.names[seat]}</Badge>
        </span>
      ),
    },
    lastSignIn: {
      id: 'lastSignIn',
      title: columns.lastSignIn,
      width: 'minmax(120px, 0.7fr)',
      sort: 'lastSignIn',
      cell: ({ lastSignIn }) =>
        lastSignIn ? <Moment at={lastSignIn} /> : <span className={styles.soft}>{t.people.never}</span>,
    },
    connection: {
      id: 'connection',
      title: columns.connection,
      width: 'minmax(110px, 0.7fr)',
      cell: ({ connection }) => <span className={styles.soft}>{nameOfConnection(connection)}</span>,
    },
    role: {
      id: 'role',
      title: columns.role,
      width: 'minmax(80px, 0.5fr)',
      cell: ({ role }) =>
        role || (
          <span className={aboveRow}>
            <Explained text={t.people.roleWhy}>–</Explained>
          </span>
        ),
    },
  };
}

/** How many there are in all, where the figures of the workspace tell it. */
function useTotal(query: PeopleQuery, connection: string | undefined): number | undefined {
  const { data } = useQuery(summaryQuery(connection, query.window ?? usualWindow));
  if (!data || query.search || query.app) return undefined;
  if (query.seat) {
    if (query.status || query.seat === 'none') return undefined;
    const { seats, used, unused } = data.okta;
    return { licensed: seats, used, unused }[query.seat];
  }
  const counts = data.peopleByStatus as Partial<Record<PersonStatus, number>>;
  return (query.status ?? personStatuses).reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}

/** Whose list it is, when it is that of an app: the seat and the last sign-in are those of the app then. */
function OfApp({ connection, app, onClear }: { connection: string; app: string; onClear: () => void }) {
  const name = useAppName(connection, app);
  return (
    <Button look="quiet" size="small" icon={<X />} onPress={onClear}>
      {t.people.ofApp(name)}
    </Button>
  );
}
