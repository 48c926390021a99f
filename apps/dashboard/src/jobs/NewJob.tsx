import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { FileUp } from 'lucide-react';
import { useRef, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import { SchemaForm, type Values } from '../actions/SchemaForm';
import { api, bodyOf, newIdempotencyKey, type Schemas } from '../api/client';
import { catalogueQuery, connectionsQuery } from '../api/queries';
import { useAppName } from '../apps/useAppName';
import { personStatuses, seatStates, type ActionName, type PersonStatus, type SeatState } from '../domain';
import { percentage } from '../format';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { useChosenConnection, useMay } from '../shell/context';
import { t } from '../texts';
import { Button, Segments } from '../ui/Button';
import { FieldNote, SearchField, Switch, TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { Notice, Panel } from '../ui/Parts';
import { MultiSelect, Select } from '../ui/Select';
import { NotAllowed, ProblemView } from '../ui/States';
import { WindowSelect } from '../ui/WindowSelect';

type Way = 'people' | 'csv' | 'filter';

const route = getRouteApi('/jobs/new');
const above = { text: t.jobs.title, to: { to: '/jobs' } } as const;
const shares = ['0.05', '0.1', '0.2', '0.5', '1'];
const usualShare = '0.05';
/** What is not taken in bulk: it needs a secret, or nobody comes back from it. */
const neverInBulk: ActionName[] = ['create_user', 'delete_user', 'change_user_password'];

export default function NewJob() {
  const mayAct = useMay('operator');
  const { data: connections, isError, error, refetch } = useQuery(connectionsQuery);
  return (
    <Page title={t.newJob.title} above={above} lead={t.jobs.lead}>
      {!mayAct ? (
        <NotAllowed needs={t.person.needsRole} />
      ) : isError && !connections ? (
        <ProblemView error={error} onRetry={() => void refetch()} />
      ) : connections?.length === 0 ? (
        <ConnectFirst title={t.integrations.none}>{t.newJob.noOrg}</ConnectFirst>
      ) : (
        <Form />
      )}
    </Page>
  );
}

function Form() {
  const texts = t.newJob;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = useChosenConnection();
  const { data: connections = [] } = useQuery(connectionsQuery);
  const catalogue = useQuery(catalogueQuery);
  const acting = connections.filter(({ removedAt }) => removedAt === null);
  const [org, setOrg] = useState(search.in ?? chosen);
  const connection = org ?? (acting.length === 1 ? acting[0]!.id : undefined);
  const [action, setAction] = useState<ActionName | undefined>(search.action);
  const [values, setValues] = useState<Values>(
    search.app && search.action === 'unassign_user_from_app' ? { app: search.app } : {},
  );
  const [reason, setReason] = useState('');
  const [share, setShare] = useState(usualShare);
  const [isDry, setIsDry] = useState(false);
  const [way, setWay] = useState<Way>(
    search.people ? 'people' : search.seat || search.status || search.app ? 'filter' : 'csv',
  );
  const [file, setFile] = useState<{ name: string; text: string }>();
  const [isLeavingOut, setIsLeavingOut] = useState(false);
  const [filter, setFilter] = useState<Schemas['BulkFilter']>({
    ...(search.status && { status: search.status }),
    ...(search.seat && { seat: search.seat }),
    ...(search.app && { app: search.app }),
    ...(search.search && { search: search.search }),
    window: search.window ?? 30,
  });
  const kept = useRef({ wish: '', key: '' });
  const kinds = catalogue.data?.filter((kind) => !neverInBulk.includes(kind.action)) ?? [];
  const kind = kinds.find((one) => one.action === action);
  const people = search.people ?? [];
  const whom =
    way === 'people'
      ? { people }
      : way === 'csv'
        ? {
            csv: file?.text ?? '',
            csvName: file?.name.slice(-200),
            ...(isLeavingOut && { leaveOutUnknown: true }),
          }
        : { filter: wholeFilter(filter) };
  const isChosen =
    way === 'people' ? people.length > 0 : way === 'csv' ? file !== undefined && linesOf(file.text) > 0 : true;

  const prepare = useMutation({
    mutationFn: () => {
      const body = {
        action: action!,
        reason: reason.trim(),
        failureShare: Number(share),
        ...(isDry && { dryRun: true }),
        ...(Object.keys(values).length > 0 && { parameters: values }),
        ...whom,
      };
      // The same wish keeps its key, so that a call that broke off is finished by sending it again.
      const written = JSON.stringify([connection, body]);
      if (kept.current.wish !== written) kept.current = { wish: written, key: newIdempotencyKey() };
      return bodyOf(
        api.POST('/api/v1/connections/{connection}/bulk', {
          params: { path: { connection: connection! }, header: { 'Idempotency-Key': kept.current.key } },
          body,
        }),
      );
    },
    onSuccess: ({ id }) => navigate({ to: '/jobs/$bulk', params: { bulk: id } }),
  });

  const lacking = [
    !connection && texts.lacks.org,
    !kind && texts.lacks.action,
    !isChosen && texts.lacks[way],
    !reason.trim() && texts.lacks.reason,
  ].filter((lack) => lack !== false);

  return (
    <ProblemFields error={prepare.error}>
      <form
        className={`${layout.wide} ${layout.narrow}`}
        onSubmit={(event) => {
          event.preventDefault();
          prepare.mutate();
        }}
      >
        <Panel title={texts.what}>
          <div className={layout.stack}>
            {acting.length > 1 && (
              <Select
                label={texts.org}
                value={connection ?? null}
                placeholder={texts.chooseOrg}
                options={acting.map(({ id, name, level }) => ({ id, text: name, detail: t.levels[level] }))}
                onChange={setOrg}
              />
            )}
            <Select
              label={t.act.choose}
              value={action ?? null}
              options={kinds.map((one) => ({ id: one.action, text: one.title, detail: one.summary }))}
              onChange={(id) => {
                setAction(id as ActionName);
                setValues({});
              }}
            />
            {catalogue.isError && (
              <ProblemView error={catalogue.error} isSmall onRetry={() => void catalogue.refetch()} />
            )}
            {kind && connection && (
              <SchemaForm schema={kind.parameters} values={values} onChange={setValues} known={{ connection }} />
            )}
          </div>
        </Panel>
        <Panel title={texts.whom}>
          <div className={layout.stack}>
            <Segments
              label={texts.whom}
              value={way}
              onChange={setWay}
              options={(['people', 'csv', 'filter'] as const).map((id) => [id, texts.ways[id]] as const)}
            />
            {way === 'people' && (
              <p className="muted">{people.length > 0 ? texts.chosen(people.length) : texts.noneChosen}</p>
            )}
            {way === 'csv' && <CsvChoice file={file} onChoose={setFile} />}
            <FieldNote name={way} />
            {way === 'csv' && (
              <Switch isSelected={isLeavingOut} onChange={setIsLeavingOut} help={texts.leaveOutHelp}>
                {texts.leaveOut}
              </Switch>
            )}
            {way === 'filter' && <FilterChoice connection={connection} filter={filter} onChange={setFilter} />}
          </div>
        </Panel>
        <Panel title={texts.why}>
          <div className={layout.stack}>
            <TextField
              label={t.act.reason}
              name="reason"
              value={reason}
              onChange={setReason}
              help={t.act.reasonHelp}
              rows={2}
              maxLength={500}
              isRequired
            />
            <Select
              label={texts.failureShare}
              value={share}
              options={shares.map((id) => ({ id, text: percentage(Number(id)) }))}
              onChange={setShare}
            />
          </div>
        </Panel>
        <Switch isSelected={isDry} onChange={setIsDry} help={texts.dryRunHelp}>
          {texts.dryRun}
        </Switch>
        <FormProblem />
        <div className={layout.buttons}>
          <Button type="submit" look="primary" isDisabled={lacking.length > 0} isPending={prepare.isPending}>
            {texts.prepare}
          </Button>
          <span className="muted">{lacking.length > 0 ? texts.lacking(lacking) : texts.prepareText}</span>
        </div>
      </form>
    </ProblemFields>
  );
}

function CsvChoice({
  file,
  onChoose,
}: {
  file: { name: string; text: string } | undefined;
  onChoose: (file: { name: string; text: string }) => void;
}) {
  const take = async (files: FileList | null) => {
    const given = files?.[0];
    if (given) onChoose({ name: given.name, text: await given.text() });
  };
  return (
    <>
      <div className={layout.buttons}>
        <FileTrigger acceptedFileTypes={['.csv', 'text/csv']} onSelect={(files) => void take(files)}>
          <Button icon={<FileUp />}>{t.newJob.file}</Button>
        </FileTrigger>
        {file && <span>{t.newJob.fileRead(file.name, linesOf(file.text))}</span>}
      </div>
      <p className="muted">{t.newJob.fileHelp}</p>
    </>
  );
}

/** How many lines say something, but for the first, which names the columns. */
const linesOf = (csv: string): number => Math.max(0, csv.split(/\r\n|\n|\r/).filter((line) => line.trim()).length - 1);

function FilterChoice({
  connection,
  filter,
  onChange,
}: {
  connection: string | undefined;
  filter: Schemas['BulkFilter'];
  onChange: (filter: Schemas['BulkFilter']) => void;
}) {
  const app = useAppName(connection, filter.app ?? '');
  return (
    <>
      <div className={layout.filters}>
        <SearchField
          label={t.people.search}
          value={filter.search ?? ''}
          onChange={(text) => onChange({ ...filter, search: text })}
        />
        <MultiSelect
          label={t.people.status}
          values={filter.status ?? []}
          options={personStatuses.filter((id) => id !== 'deleted').map((id) => ({ id, text: t.statuses[id].name }))}
          onChange={(status) => onChange({ ...filter, status: status as PersonStatus[] })}
        />
        <Select
          label={t.people.seat}
          look="bare"
          prefix={t.people.seat}
          value={filter.seat ?? 'any'}
          options={[{ id: 'any', text: t.common.any }, ...seatStates.map((id) => ({ id, text: t.seats.names[id] }))]}
          onChange={(seat) => onChange({ ...filter, seat: seat === 'any' ? undefined : (seat as SeatState) })}
        />
        <WindowSelect
          window={filter.window ?? 30}
          onChange={(window) => onChange({ ...filter, window: window ?? 30 })}
        />
      </div>
      {filter.app && (
        <Notice
          tone="info"
          title={t.people.ofApp(app)}
          action={
            <Button size="small" onPress={() => onChange({ ...filter, app: undefined })}>
              {t.newJob.ofAnyApp}
            </Button>
          }
        />
      )}
      <p className="muted">{t.newJob.filterHelp}</p>
    </>
  );
}

/** Without what is empty. */
const wholeFilter = (filter: Schemas['BulkFilter']): Schemas['BulkFilter'] =>
  Object.fromEntries(
    Object.entries(filter).filter(
      ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  ) as Schemas['BulkFilter'];
