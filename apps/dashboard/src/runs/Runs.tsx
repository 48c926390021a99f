import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { runsQuery } from '../api/queries';
import { runTone, type Run } from '../domain';
import { lasting, number } from '../format';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { useChosenConnection, useConnectionNames } from '../shell/context';
import { t } from '../texts';
import { rowLink, twoLines, type Column } from '../ui/DataTable';
import { Page } from '../ui/Page';
import { PagedTable } from '../ui/PagedTable';
import { Badge, Moment } from '../ui/Parts';

const texts = t.runs;
const runsOf = ({ runs }: { runs: Run[] }) => runs;
const sum = (run: Run, of: (stage: Run['stages'][number]) => number) =>
  run.stages.reduce((all, stage) => all + of(stage), 0);

export default function Runs() {
  const connection = useChosenConnection();
  const nameOfConnection = useConnectionNames();
  const runs = useInfiniteQuery({ ...runsQuery(connection), refetchInterval: 10_000 });
  const { columns: titles } = texts;
  const columns: Column<Run>[] = [
    {
      id: 'state',
      title: titles.state,
      width: 'minmax(120px, 1fr)',
      isNarrow: true,
      cell: ({ id, state, connection: org }) => (
        <span className={twoLines}>
          <Link to="/runs/$run" params={{ run: id }} className={rowLink}>
            <Badge tone={runTone[state]}>{t.runStates[state]}</Badge>
          </Link>
          <small className="onlyNarrow muted">{nameOfConnection(org)}</small>
        </span>
      ),
    },
    {
      id: 'connection',
      title: titles.connection,
      width: 'minmax(110px, 1.2fr)',
      cell: ({ connection: org }) => nameOfConnection(org),
    },
    {
      id: 'trigger',
      title: titles.trigger,
      width: '112px',
      cell: ({ trigger }) => <span className="muted">{t.triggers[trigger]}</span>,
    },
    {
      id: 'seen',
      title: titles.seen,
      width: '92px',
      isNumber: true,
      cell: (run) => number(sum(run, ({ seen }) => seen)),
    },
    {
      id: 'changes',
      title: titles.changes,
      width: '92px',
      isNumber: true,
      cell: (run) => number(sum(run, ({ added, changed, removed }) => added + changed + removed)),
    },
    {
      id: 'requests',
      title: titles.requests,
      width: '92px',
      isNumber: true,
      cell: ({ requests }) => number(requests),
    },
    {
      id: 'waited',
      title: titles.waited,
      width: '84px',
      isNumber: true,
      cell: ({ waitedMs }) => <span className="muted">{lasting(waitedMs)}</span>,
    },
    {
      id: 'took',
      title: titles.took,
      width: '96px',
      isNumber: true,
      cell: ({ startedAt, endedAt }) =>
        endedAt ? lasting(new Date(endedAt).getTime() - new Date(startedAt).getTime()) : '–',
    },
    {
      id: 'started',
      title: titles.started,
      width: '150px',
      isNarrow: true,
      cell: ({ startedAt }) => <Moment at={startedAt} />,
    },
  ];
  return (
    <Page isFilled title={texts.title} lead={texts.lead}>
      <PagedTable
        query={runs}
        rowsOf={runsOf}
        label={texts.title}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ state }) => t.runStates[state]}
        empty={
          <ConnectFirst icon={<RefreshCw aria-hidden />} title={texts.none}>
            {texts.noneText}
          </ConnectFirst>
        }
      />
    </Page>
  );
}
