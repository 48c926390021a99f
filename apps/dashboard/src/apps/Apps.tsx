import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { AppWindow } from 'lucide-react';
import { useCallback, useMemo } from 'react';
import type { Schemas } from '../api/client';
import { appsQuery, connectionsQuery, summaryQuery, type AppsQuery } from '../api/queries';
import { usualWindow } from '../domain';
import { number, share } from '../format';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { useChosenConnection, useConnectionNames } from '../shell/context';
import { t } from '../texts';
import { DataTable, rowLink, twoLines, type Column } from '../ui/DataTable';
import { SearchField } from '../ui/Field';
import { Page } from '../ui/Page';
import { Badge, SeatBar } from '../ui/Parts';
import { Spark } from '../ui/Spark';
import { Empty, ProblemView, Skeleton } from '../ui/States';
import { useTyped } from '../ui/useTyped';
import { WindowSelect } from '../ui/WindowSelect';
import styles from './apps.module.css';

type Row = Schemas['ListedApp'];
type Sort = NonNullable<AppsQuery['sort']>;

const route = getRouteApi('/apps');
const keyOf = ({ connection, id }: Row) => `${connection}|${id}`;

export default function Apps() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const connection = useChosenConnection();
  const nameOfConnection = useConnectionNames();
  const { data: connections = [] } = useQuery(connectionsQuery);
  const { window = usualWindow, sort = 'unused', order = 'desc' } = search;
  const apps = useInfiniteQuery({
    ...appsQuery({ connection, search: search.search, window, sort, order, trend: 'people' }),
    refetchInterval: 60_000,
  });
  const rows = useMemo(() => apps.data?.pages.flatMap((page) => page.apps) ?? [], [apps.data]);
  const { data: summary } = useQuery(summaryQuery(connection, window));
  const { fetchNextPage } = apps;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const change = (to: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  const [typed, setTyped] = useTyped(search.search ?? '', (text) => change({ search: text || undefined }));
  const most = Math.max(1, ...rows.map(({ seats }) => seats));
  const isOneOfMany = !connection && connections.length > 1;
  const { columns: titles } = t.apps;
  const columns: Column<Row, Sort>[] = [
    {
      id: 'label',
      title: titles.label,
      width: 'minmax(180px, 1.6fr)',
      sort: 'label',
      isNarrow: true,
      cell: ({ connection: org, id, label, name, status, used, unused }) => (
        <span className={twoLines}>
          <span className={styles.labelLine}>
            <Link
              to="/apps/$in/$app"
              params={{ in: org, app: id }}
              search={{ window: search.window }}
              className={rowLink}
            >
              {label}
            </Link>
            {status !== 'ACTIVE' && <Badge tone="plain">{t.apps.inactive}</Badge>}
          </span>
          <small className={styles.narrowBar}>
            <SeatBar used={used} unused={unused} max={most} />
          </small>
          <span className="visually-hidden">{name}</span>
        </span>
      ),
    },
    ...(isOneOfMany
      ? [
          {
            id: 'connection',
            title: titles.connection,
            width: 'minmax(100px, 0.7fr)',
            cell: (row: Row) => <span className="muted">{nameOfConnection(row.connection)}</span>,
          },
        ]
      : []),
    {
      id: 'bar',
      title: titles.bar,
      width: 'minmax(140px, 1.3fr)',
      cell: ({ used, unused }) => <SeatBar used={used} unused={unused} max={most} />,
    },
    {
      id: 'seats',
      title: titles.seats,
      width: '92px',
      sort: 'seats',
      isNumber: true,
      cell: ({ seats }) => number(seats),
    },
    { id: 'used', title: titles.used, width: '92px', sort: 'used', isNumber: true, cell: ({ used }) => number(used) },
    {
      id: 'unused',
      title: titles.unused,
      width: '96px',
      sort: 'unused',
      isNumber: true,
      isNarrow: true,
      cell: ({ unused }) => <strong className={styles.unused}>{number(unused)}</strong>,
    },
    {
      id: 'trend',
      title: titles.trend,
      width: '116px',
      cell: ({ trend = [] }) => <Spark values={trend} />,
    },
    {
      id: 'share',
      title: titles.share,
      width: '112px',
      isNumber: true,
      cell: ({ unused, seats }) => <span className="muted">{share(unused, seats)}</span>,
    },
  ];
  return (
    <Page isFilled title={t.apps.title} asOf={apps.data?.pages[0]?.asOf} window={window}>
      <div className={styles.filters}>
        <SearchField label={t.apps.search} value={typed} onChange={setTyped} />
        <WindowSelect window={window} onChange={(days) => change({ window: days })} />
      </div>
      {apps.isError ? (
        <ProblemView error={apps.error} onRetry={() => void apps.refetch()} />
      ) : apps.isPending ? (
        <Skeleton lines={14} height={22} />
      ) : (
        <DataTable<Row, Sort>
          label={t.apps.title}
          columns={columns}
          rows={rows}
          keyOf={keyOf}
          nameOf={({ label }) => label}
          sorting={{ by: sort, order }}
          onSort={({ by, order: way }) => change({ sort: by, order: way })}
          hasMore={apps.hasNextPage}
          isLoadingMore={apps.isFetchingNextPage}
          onMore={more}
          isDimmed={apps.isPlaceholderData}
          total={search.search ? undefined : summary?.apps}
          empty={
            search.search ? (
              <Empty title={t.apps.none}>{t.apps.noneText}</Empty>
            ) : (
              <ConnectFirst icon={<AppWindow aria-hidden />} title={t.apps.empty}>
                {t.apps.emptyText}
              </ConnectFirst>
            )
          }
        />
      )}
    </Page>
  );
}
