import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { UserPlus, Zap } from 'lucide-react';
import { useState } from 'react';
import { actionsQuery, connectionsQuery } from '../api/queries';
import { actionTone, type Action, type ActionName } from '../domain';
import { useChosenConnection, useMay } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { aboveRow, rowLink, twoLines, type Column } from '../ui/DataTable';
import { Select } from '../ui/Select';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PagedTable } from '../ui/PagedTable';
import { Badge, Moment } from '../ui/Parts';
import { Empty } from '../ui/States';
import { ActionPanel, type Target } from './ActionPanel';
import { objectOf } from './changes';
import { actionOptions } from './names';

const route = getRouteApi('/actions');
const states = ['done', 'refused', 'failed', 'unknown', 'running', 'accepted'] as const;
const any = 'any';

export default function Actions() {
  const { action, state, person } = route.useSearch();
  const navigate = route.useNavigate();
  const connection = useChosenConnection();
  const { data: connections = [] } = useQuery(connectionsQuery);
  const mayAct = useMay('operator');
  const [target, setTarget] = useState<Target>();
  const actions = useInfiniteQuery({ ...actionsQuery({ connection, action, state, person }), refetchInterval: 10_000 });
  const texts = t.actionList;
  const isFiltered = Boolean(action || state || person);
  const acting = connections.filter(
    ({ level, removedAt, id }) => level === 'read_and_act' && !removedAt && (!connection || id === connection),
  );
  const change = (to: {
    action?: ActionName | undefined;
    state?: Action['state'] | undefined;
    person?: string | undefined;
  }) => void navigate({ search: (before) => ({ ...before, ...to }), replace: true });
  return (
    <Page
      isFilled
      title={texts.title}
      lead={texts.lead}
      actions={
        mayAct &&
        acting[0] && (
          <Button icon={<UserPlus />} onPress={() => setTarget({ connection: acting[0]!.id, action: 'create_user' })}>
            {acting.length > 1 ? `${texts.new} (${acting[0].name})` : texts.new}
          </Button>
        )
      }
    >
      <div className={layout.filters}>
        <Select
          label={texts.action}
          look="bare"
          prefix={texts.action}
          value={action ?? any}
          options={[{ id: any, text: texts.any }, ...actionOptions]}
          onChange={(id) => change({ action: id === any ? undefined : (id as ActionName) })}
        />
        <Select
          label={texts.state}
          look="bare"
          prefix={texts.state}
          value={state ?? any}
          options={[{ id: any, text: texts.any }, ...states.map((id) => ({ id, text: t.actionStates[id] }))]}
          onChange={(id) => change({ state: id === any ? undefined : (id as Action['state']) })}
        />
        {isFiltered && (
          <Button
            look="quiet"
            size="small"
            onPress={() => change({ action: undefined, state: undefined, person: undefined })}
          >
            {t.common.clear}
          </Button>
        )}
      </div>
      <PagedTable
        query={actions}
        rowsOf={actionsOf}
        label={texts.title}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ action: name }) => t.actionTitles[name]}
        empty={
          isFiltered ? (
            <Empty title={texts.noneFit} />
          ) : (
            <Empty icon={<Zap aria-hidden />} title={texts.none}>
              {texts.noneText}
            </Empty>
          )
        }
      />
      <ActionPanel target={target} onClose={() => setTarget(undefined)} />
    </Page>
  );
}

const actionsOf = ({ actions }: { actions: Action[] }) => actions;

const texts = t.actionList;
const columns: Column<Action>[] = [
  {
    id: 'action',
    title: texts.action,
    width: 'minmax(190px, 1.2fr)',
    isNarrow: true,
    cell: ({ id, action, login, before, after }) => (
      <span className={twoLines}>
        <Link to="/actions/$action" params={{ action: id }} className={rowLink}>
          {t.actionTitles[action]}
        </Link>
        <small className={layout.soft}>
          {objectOf({ before, after })} <span className="onlyNarrow">{login}</span>
        </small>
      </span>
    ),
  },
  {
    id: 'person',
    title: texts.person,
    width: 'minmax(170px, 1.2fr)',
    cell: ({ connection, person, login }) =>
      person ? (
        <Link to="/people/$in/$person" params={{ in: connection, person }} className={`${aboveRow} link`}>
          {login ?? person}
        </Link>
      ) : (
        <span className="muted">{texts.nobody}</span>
      ),
  },
  {
    id: 'state',
    title: texts.state,
    width: 'minmax(150px, 1fr)',
    isNarrow: true,
    cell: ({ state, dryRun, undoneBy, fault }) => (
      <span className={twoLines}>
        <span>
          <Badge tone={actionTone[state]}>{t.actionStates[state]}</Badge>
          {dryRun && <span className="muted"> {texts.dryRun}</span>}
          {undoneBy && <span className="muted"> {texts.undone}</span>}
        </span>
        {fault && (
          <small className={layout.soft} title={fault.detail}>
            {t.refusalOf(fault.code)}
          </small>
        )}
      </span>
    ),
  },
  {
    id: 'reason',
    title: texts.reason,
    width: 'minmax(160px, 1.5fr)',
    cell: ({ reason }) => <span className={layout.soft}>{reason}</span>,
  },
  { id: 'when', title: texts.when, width: '130px', cell: ({ createdAt }) => <Moment at={createdAt} /> },
];
