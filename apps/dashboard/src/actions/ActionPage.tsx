import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { actionQuery, catalogueQuery } from '../api/queries';
import { whoAndRoleIn } from '../audit/who';
import { actionTone, hasActionEnded, type Action } from '../domain';
import { lasting } from '../format';
import { useConnectionNames, useMay } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { Badge, Facts, Moment, Notice, Panel } from '../ui/Parts';
import { RemedyOf } from '../ui/States';
import { Trace } from '../ui/Trace';
import styles from './actions.module.css';
import { changesOf, objectOf } from './changes';
import { parameterFacts } from './parameters';
import { Requests } from './Requests';
import { isUndoable, useSettle, useUndo } from './useAct';

const route = getRouteApi('/actions/$action');
const above = { text: t.actionList.title, to: { to: '/actions' } } as const;

export default function ActionPage() {
  const { action: id } = route.useParams();
  const action = useQuery({
    ...actionQuery(id),
    refetchInterval: ({ state }) => (state.data && hasActionEnded(state.data) ? false : 1_000),
  });
  return (
    <PageAnswer query={action} title={t.actionList.title} above={above}>
      {(found) => <Loaded action={found} />}
    </PageAnswer>
  );
}

function Loaded({ action }: { action: Action }) {
  const texts = t.actionPage;
  const { data: kinds = [] } = useQuery(catalogueQuery);
  const nameOfConnection = useConnectionNames();
  const mayAct = useMay('operator');
  const undo = useUndo();
  const settle = useSettle();
  const took = action.endedAt ? new Date(action.endedAt).getTime() - new Date(action.createdAt).getTime() : undefined;
  return (
    <Page
      title={t.actionTitles[action.action]}
      above={above}
      lead={
        <span className={layout.buttons}>
          <Badge tone={actionTone[action.state]} isLoud>
            {t.actionStates[action.state]}
          </Badge>
          {action.login ?? t.actionList.nobody}
          <span>{nameOfConnection(action.connection)}</span>
        </span>
      }
      actions={
        mayAct && (
          <>
            {action.state === 'unknown' && (
              <Button isPending={settle.isPending} onPress={() => settle.mutate(action)}>
                {t.act.settle}
              </Button>
            )}
            {isUndoable(action, kinds) && (
              <Button isPending={undo.isPending} onPress={() => undo.mutate(action)}>
                {t.act.undo}
              </Button>
            )}
          </>
        )
      }
    >
      {action.dryRun && <Notice tone="info" title={texts.dryRunNote} />}
      {action.fault && (
        <Notice tone={actionTone[action.state]} title={action.fault.detail}>
          <RemedyOf code={action.fault.code} />
          <code>{action.fault.code}</code>
        </Notice>
      )}
      <div className={styles.columns}>
        <Panel title={texts.facts}>
          <Facts
            facts={[
              [t.act.reason, action.reason],
              [
                t.actionList.person,
                action.person ? (
                  <Link
                    key="person"
                    className="link"
                    to="/people/$in/$person"
                    params={{ in: action.connection, person: action.person }}
                  >
                    {action.login ?? action.person}
                  </Link>
                ) : (
                  t.actionList.nobody
                ),
              ],
              ...parameterFacts(action.connection, action.parameters, objectOf(action)),
              [texts.by, whoAndRoleIn(action.by)],
              [texts.asked, <Moment key="asked" at={action.createdAt} />],
              action.endedAt !== null && [texts.ended, <Moment key="ended" at={action.endedAt} />],
              took !== undefined && [texts.took, lasting(took)],
              action.state === 'done' &&
                !action.dryRun && [t.act.doneVerified, action.verified ? t.common.yes : texts.notVerified],
              action.undoes !== null && [texts.undoes, <ToAction key="undoes" id={action.undoes} />],
              action.undoneBy !== null && [texts.undoneBy, <ToAction key="undone" id={action.undoneBy} />],
              action.bulk !== undefined && [
                texts.inJob,
                <Link key="job" className="link" to="/jobs/$bulk" params={{ bulk: action.bulk }}>
                  {texts.seeJob}
                </Link>,
              ],
              [texts.id, <code key="id">{action.id}</code>],
              action.traceId !== null && [texts.trace, <Trace key="trace" id={action.traceId} />],
            ]}
          />
        </Panel>
        <div className={styles.column}>
          <Panel title={texts.requests}>
            {action.requests.length > 0 ? (
              <Requests requests={action.requests} isDry={action.dryRun} />
            ) : (
              <p className="muted">{texts.noRequests}</p>
            )}
          </Panel>
          {(action.before !== null || action.after !== null) && (
            <Panel title={texts.change}>
              <Changes action={action} />
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

const ToAction = ({ id }: { id: string }) => (
  <Link className="link" to="/actions/$action" params={{ action: id }}>
    {t.act.seeRecord}
  </Link>
);

/** What Okta showed before and after. */
function Changes({ action }: { action: Action }) {
  return (
    <table className={styles.changes}>
      <thead>
        <tr>
          <th>{t.act.attribute}</th>
          <th>{t.actionPage.before}</th>
          <th>{t.actionPage.after}</th>
        </tr>
      </thead>
      <tbody>
        {changesOf(action).map(({ name, before, after }) => (
          <tr key={name}>
            <td className="muted">{name}</td>
            <td>{before}</td>
            <td>{before === after ? <span className="muted">{after}</span> : <strong>{after}</strong>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
