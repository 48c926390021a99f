import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Download, ScrollText } from 'lucide-react';
import { actionOptions } from '../actions/names';
import { api, bodyOf, type Schemas } from '../api/client';
import { auditQuery, type AuditQuery } from '../api/queries';
import { outcomes, type ActionName, type Outcome } from '../domain';
import { number, startOf } from '../format';
import { useChosenConnection, useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Button, FileLink } from '../ui/Button';
import { aboveRow, rowLink, twoLines, type Column } from '../ui/DataTable';
import { SearchField, TextField } from '../ui/Field';
import layout from '../ui/layout.module.css';
import { Dialog } from '../ui/Overlay';
import { Page } from '../ui/Page';
import { PagedTable } from '../ui/PagedTable';
import { Badge, Facts, Moment, type Tone } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Answer, Empty, NotAllowed } from '../ui/States';
import { Trace } from '../ui/Trace';
import { useTyped } from '../ui/useTyped';
import styles from './audit.module.css';
import { Target } from './Target';
import { whoAndRoleIn, whoIn } from './who';

type RecordOf = Schemas['AuditRecord'];

const route = getRouteApi('/audit');
const texts = t.audit;
const any = 'any';

const outcomeTone: Record<Outcome, Tone> = {
  asked: 'info',
  done: 'good',
  refused: 'warn',
  failed: 'bad',
  unknown: 'warn',
};
const recordsOf = ({ records }: { records: RecordOf[] }) => records;

export default function Audit() {
  const isAdmin = useMay('admin');
  return isAdmin ? (
    <Log />
  ) : (
    <Page title={texts.title}>
      <NotAllowed needs={t.audit.denied} />
    </Page>
  );
}

function Log() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const connection = useChosenConnection();
  const { record, ...filters } = search;
  const query = {
    ...(connection && { connection }),
    ...(filters.search && { search: filters.search }),
    ...(filters.what && { what: filters.what }),
    ...(filters.action && { action: filters.action }),
    ...(filters.outcome && { outcome: filters.outcome }),
    ...(filters.operation && { operation: filters.operation }),
    ...(filters.person && { person: filters.person }),
    ...(filters.from && { from: startOf(filters.from) }),
    // Of its last day all.
    ...(filters.to && { to: startOf(filters.to, 1) }),
  } as AuditQuery;
  const records = useInfiniteQuery({ ...auditQuery(query), refetchInterval: 15_000 });
  const change = (to: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  const [typed, setTyped] = useTyped(search.search ?? '', (text) => change({ search: text || undefined }));
  const isFiltered = Object.values(filters).some((value) => value !== undefined && value !== connection);
  const csv = `/api/v1/audit.csv?${new URLSearchParams(query).toString()}`;
  return (
    <Page
      isFilled
      title={texts.title}
      lead={texts.lead}
      actions={
        <FileLink icon={<Download aria-hidden />} href={csv}>
          {texts.csv}
        </FileLink>
      }
    >
      <div className={layout.filters}>
        <SearchField label={texts.search} value={typed} onChange={setTyped} />
        <Select
          label={texts.outcome}
          look="bare"
          prefix={texts.outcome}
          value={search.outcome ?? any}
          options={[{ id: any, text: texts.any }, ...outcomes.map((id) => ({ id, text: texts.outcomes[id] }))]}
          onChange={(id) => change({ outcome: outcomes.find((one) => one === id) })}
        />
        <Select
          label={texts.action}
          look="bare"
          prefix={texts.action}
          value={search.action ?? any}
          options={[{ id: any, text: texts.any }, ...actionOptions]}
          onChange={(id) => change({ action: id === any ? undefined : (id as ActionName) })}
        />
        <span className={styles.range}>
          <TextField
            label={texts.from}
            type="date"
            value={search.from ?? ''}
            onChange={(from) => change({ from: from || undefined })}
            isRequired
          />
          <TextField
            label={texts.to}
            type="date"
            value={search.to ?? ''}
            onChange={(to) => change({ to: to || undefined })}
            isRequired
          />
        </span>
        {isFiltered && (
          <Button
            look="quiet"
            size="small"
            onPress={() =>
              change({
                search: undefined,
                what: undefined,
                action: undefined,
                outcome: undefined,
                operation: undefined,
                person: undefined,
                from: undefined,
                to: undefined,
              })
            }
          >
            {t.common.clear}
          </Button>
        )}
      </div>
      <PagedTable
        query={records}
        rowsOf={recordsOf}
        label={texts.title}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ what }) => texts.operationOf(what)}
        empty={
          isFiltered ? <Empty title={texts.noneFit} /> : <Empty icon={<ScrollText aria-hidden />} title={texts.none} />
        }
      />
      <RecordPanel
        id={record}
        onClose={() => change({ record: undefined })}
        onOperation={(operation) => change({ operation, record: undefined })}
      />
    </Page>
  );
}

const columns: Column<RecordOf>[] = [
  {
    id: 'what',
    title: texts.columns.what,
    width: 'minmax(200px, 1.2fr)',
    isNarrow: true,
    cell: ({ id, what, action, on, connection, asked }) => (
      <span className={twoLines}>
        <route.Link to="." search={(before) => ({ ...before, record: id })} className={rowLink}>
          {action ? t.actionTitles[action] : texts.operationOf(what)}
        </route.Link>
        <small className="onlyNarrow muted">
          <Target record={{ on, connection, asked }} isLink={false} />
        </small>
      </span>
    ),
  },
  {
    id: 'on',
    title: texts.columns.on,
    width: 'minmax(170px, 1.2fr)',
    cell: ({ on, connection, asked }) => (
      <span className={layout.soft}>
        <Target record={{ on, connection, asked }} className={aboveRow} />
      </span>
    ),
  },
  {
    id: 'outcome',
    title: texts.columns.outcome,
    width: '110px',
    isNarrow: true,
    cell: ({ outcome }) => <Badge tone={outcomeTone[outcome]}>{texts.outcomes[outcome]}</Badge>,
  },
  {
    id: 'who',
    title: texts.columns.who,
    width: 'minmax(110px, 0.8fr)',
    cell: ({ who }) => <span className={layout.soft}>{whoIn(who)}</span>,
  },
  {
    id: 'reason',
    title: texts.columns.reason,
    width: 'minmax(140px, 1.2fr)',
    cell: ({ reason }) => <span className={layout.soft}>{reason}</span>,
  },
  { id: 'at', title: texts.columns.at, width: '130px', cell: ({ at }) => <Moment at={at} /> },
];

function RecordPanel({
  id,
  onClose,
  onOperation,
}: {
  id: string | undefined;
  onClose: () => void;
  onOperation: (operation: string) => void;
}) {
  const nameOfConnection = useConnectionNames();
  const record = useQuery({
    queryKey: ['audit-record', id],
    queryFn: () => bodyOf(api.GET('/api/v1/audit/{record}', { params: { path: { record: id! } } })),
    enabled: id !== undefined,
  });
  const { facts } = texts;
  return (
    <Dialog
      title={record.data ? texts.record(number(record.data.seq)) : texts.title}
      shape="side"
      isOpen={id !== undefined}
      onClose={onClose}
    >
      <Answer query={record}>
        {(found) => (
          <div className={layout.stack}>
            <Facts
              facts={[
                [facts.at, <Moment key="at" at={found.at} />],
                [
                  facts.what,
                  <span key="what">
                    {found.action ? t.actionTitles[found.action] : texts.operationOf(found.what)}{' '}
                    <code className="muted">{found.what}</code>
                  </span>,
                ],
                [
                  facts.outcome,
                  <Badge key="outcome" tone={outcomeTone[found.outcome]}>
                    {texts.outcomes[found.outcome]}
                  </Badge>,
                ],
                [facts.on, <Target key="on" record={found} />],
                found.on.id !== null && [facts.id, <code key="id">{found.on.id}</code>],
                [facts.who, whoAndRoleIn(found.who)],
                found.connection !== null && [facts.connection, nameOfConnection(found.connection)],
                found.reason !== null && [facts.reason, found.reason],
                found.code !== null && [facts.code, <code key="code">{found.code}</code>],
                found.traceId !== null && [facts.trace, <Trace key="trace" id={found.traceId} />],
                [facts.source, <code key="source">{found.source}</code>],
                [
                  facts.hash,
                  <code key="hash" className={layout.trace}>
                    {found.hash}
                  </code>,
                ],
                [
                  facts.previous,
                  <code key="previous" className={layout.trace}>
                    {found.previous}
                  </code>,
                ],
              ]}
            />
            <Written title={texts.asked} value={found.asked} />
            <Written title={texts.before} value={found.before} />
            <Written title={texts.after} value={found.after} />
            {found.okta.length > 0 && <Written title={texts.okta} value={found.okta} />}
            <div className={layout.buttons}>
              <Button onPress={() => onOperation(found.operation)}>{texts.operation}</Button>
            </div>
          </div>
        )}
      </Answer>
    </Dialog>
  );
}

function Written({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <section>
      <h3 className={styles.part}>{title}</h3>
      <pre className={styles.json}>{JSON.stringify(value, null, 2)}</pre>
    </section>
  );
}
