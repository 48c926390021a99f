import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Ellipsis, FlaskConical, KeyRound, Pause, Pencil, Play, RefreshCw, Unplug } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf } from '../api/client';
import { connectionQuery } from '../api/queries';
import type { Connection, Run, Stage } from '../domain';
import { hasRunEnded, runTone } from '../domain';
import { lasting, number } from '../format';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { Button, ButtonLink, IconButton } from '../ui/Button';
import { Menu } from '../ui/Menu';
import { Page } from '../ui/Page';
import { PageAnswer } from '../ui/PageAnswer';
import { Badge, Facts, Meter, Moment, Notice, Panel, type Tone } from '../ui/Parts';
import { ProblemView, Skeleton } from '../ui/States';
import { Checks } from './Checks';
import { Disconnect, Rename, Retest, Rotate } from './dialogs';
import styles from './integrations.module.css';
import { ConnectionSettings } from './ConnectionSettings';
import { standingOf } from './standing';
import { StandingMark } from './StandingMark';
import { useCommands } from './useCommands';
import { useRuns } from './useLastRun';
import { useTest } from './useTest';

const route = getRouteApi('/integrations/okta/$in');
const above = { text: t.integrations.title, to: { to: '/integrations' } } as const;

export default function ConnectionPage() {
  const { in: id } = route.useParams();
  const connection = useQuery({ ...connectionQuery(id), refetchInterval: 15_000 });
  return (
    <PageAnswer query={connection} title={t.integrations.okta} above={above}>
      {(found) => <Loaded connection={found} />}
    </PageAnswer>
  );
}

type Window = 'test' | 'rename' | 'rotate' | 'disconnect';

function Loaded({ connection }: { connection: Connection }) {
  const texts = t.connection;
  const { id } = connection;
  const { runs, all, last } = useRuns(id);
  const commands = useCommands(id);
  const isAdmin = useMay('admin');
  const isOperator = useMay('operator');
  const [window, setWindow] = useState<Window>();
  const test = useTest();
  const retest = () => {
    setWindow('test');
    test.start(
      () =>
        bodyOf(
          api.POST('/api/v1/connections/{connection}/test/live', {
            params: { path: { connection: id } },
            parseAs: 'stream',
          }),
        ),
      { onSuccess: () => void commands.refreshed() },
    );
  };
  const standing = standingOf(connection, last, runs.isPending);
  const nextSyncAt = runs.data?.pages[0]?.nextSyncAt;
  const isRemoved = connection.removedAt !== null;
  const isRunning = last ? !hasRunEnded(last) && last.state !== 'paused' : false;
  const lastEnded = last && hasRunEnded(last) ? last : all.find(hasRunEnded);
  const onlyAdmin = isAdmin ? {} : { isDisabled: true, detail: texts.settingsDenied };
  const noSync = !isOperator
    ? texts.syncDenied
    : connection.paused
      ? texts.states.pausedText
      : isRunning
        ? texts.syncRunning
        : undefined;
  return (
    <Page
      title={connection.name}
      above={above}
      lead={connection.orgUrl}
      actions={
        isRemoved ? (
          isAdmin && (
            <Button look="danger" onPress={() => setWindow('disconnect')}>
              {texts.erase}
            </Button>
          )
        ) : (
          <>
            {noSync && <span className="muted">{noSync}</span>}
            <Button
              icon={<RefreshCw />}
              onPress={() => commands.sync.mutate()}
              isPending={commands.sync.isPending}
              isDisabled={noSync !== undefined}
            >
              {texts.syncNow}
            </Button>
            <Menu
              label={texts.more}
              trigger={<IconButton label={texts.more} look="plain" icon={<Ellipsis />} />}
              choices={[
                {
                  id: 'test',
                  text: texts.test,
                  icon: <FlaskConical />,
                  ...(!isOperator && { isDisabled: true, detail: texts.syncDenied }),
                  onChoose: retest,
                },
                {
                  id: 'rename',
                  text: texts.rename,
                  icon: <Pencil />,
                  ...onlyAdmin,
                  onChoose: () => setWindow('rename'),
                },
                {
                  id: 'rotate',
                  text: texts.rotate,
                  icon: <KeyRound />,
                  ...onlyAdmin,
                  onChoose: () => setWindow('rotate'),
                },
                {
                  id: 'pause',
                  text: connection.paused ? texts.resume : texts.pause,
                  icon: connection.paused ? <Play /> : <Pause />,
                  ...onlyAdmin,
                  onChoose: () => commands.pause(!connection.paused),
                },
                null,
                {
                  id: 'disconnect',
                  text: texts.disconnect,
                  icon: <Unplug />,
                  isDangerous: true,
                  ...onlyAdmin,
                  onChoose: () => setWindow('disconnect'),
                },
              ]}
            />
          </>
        )
      }
    >
      <section className={styles.standing}>
        <StandingMark tone={standing.tone} />
        <div className={styles.standingText}>
          <h2>{standing.title}</h2>
          {standing.reasons.map((reason) => (
            <p key={reason} className="muted">
              {reason}
            </p>
          ))}
          {!isRemoved && last?.missing.map(({ kind, mend }) => mend && <p key={kind}>{mend}</p>)}
        </div>
        {last?.state === 'running' && last.trigger === 'connect' && (
          <ButtonLink to="/people" search={{ connection: id }}>
            {texts.people}
          </ButtonLink>
        )}
        {connection.health === 'needs_reauth' && isAdmin && (
          <Button look="primary" onPress={() => setWindow('rotate')}>
            {texts.rotate}
          </Button>
        )}
      </section>
      {last?.state === 'paused' && (
        <Notice
          tone="warn"
          title={texts.states.waitingText}
          action={
            isOperator && (
              <div className={styles.buttons}>
                <Button size="small" onPress={() => commands.cancel.mutate(last.id)}>
                  {texts.cancelRun}
                </Button>
                <Button size="small" look="primary" onPress={() => commands.agree.mutate(last.id)}>
                  {texts.agree}
                </Button>
              </div>
            )
          }
        >
          {last.shrink.map(({ kind, scope, before, after }) => (
            <div key={`${kind}${scope ?? ''}`}>{texts.shrink(kind, number(before), number(after))}</div>
          ))}
        </Notice>
      )}
      <div className={styles.columns}>
        <div className={styles.column}>
          <Panel
            title={texts.data}
            aside={
              last && (
                <Link to="/runs/$run" params={{ run: last.id }} className="link">
                  {isRunning ? texts.progress : texts.lastSync}
                </Link>
              )
            }
          >
            {last ? (
              <Kinds last={last} runs={all} />
            ) : runs.isError ? (
              <ProblemView error={runs.error} isSmall onRetry={() => void runs.refetch()} />
            ) : (
              <Skeleton lines={5} height={20} />
            )}
          </Panel>
          {!isRemoved && <ConnectionSettings connection={connection} isAllowed={isAdmin} />}
        </div>
        <div className={styles.column}>
          <Panel title={texts.about}>
            <Facts
              facts={[
                last !== undefined && [
                  texts.lastSync,
                  lastEnded ? <Moment key="last" at={lastEnded.endedAt} /> : t.asOf.never,
                ],
                !isRemoved &&
                  nextSyncAt !== undefined && [
                    texts.nextSync,
                    isRunning ? (
                      texts.afterThis
                    ) : nextSyncAt ? (
                      <Moment key="next" at={nextSyncAt} />
                    ) : (
                      texts.states.paused
                    ),
                  ],
                !isRemoved && [texts.schedule, texts.every(connection.syncEveryMinutes)],
                [texts.level, t.levels[connection.level]],
                [texts.connected, <Moment key="at" at={connection.createdAt} style="date" />],
                [t.checks.tested, <Moment key="tested" at={connection.testedAt} />],
              ]}
            />
          </Panel>
          <Panel title={t.checks.title}>
            <Checks checks={connection.checks} />
          </Panel>
          <Panel
            title={texts.runs}
            isFlush
            aside={
              <Link to="/runs" search={{ connection: id }} className="link">
                {texts.allRuns}
              </Link>
            }
          >
            {all.slice(0, 6).map((run) => (
              <RunLine key={run.id} run={run.id === last?.id ? last : run} />
            ))}
          </Panel>
        </div>
      </div>
      <Retest
        connection={connection}
        test={test}
        onAgain={retest}
        isOpen={window === 'test'}
        onClose={() => setWindow(undefined)}
      />
      <Rename connection={connection} isOpen={window === 'rename'} onClose={() => setWindow(undefined)} />
      <Rotate connection={connection} isOpen={window === 'rotate'} onClose={() => setWindow(undefined)} />
      <Disconnect connection={connection} isOpen={window === 'disconnect'} onClose={() => setWindow(undefined)} />
    </Page>
  );
}

function RunLine({ run }: { run: Run }) {
  const took = run.endedAt ? new Date(run.endedAt).getTime() - new Date(run.startedAt).getTime() : undefined;
  return (
    <Link to="/runs/$run" params={{ run: run.id }} className={styles.runLine}>
      <Badge tone={runTone[run.state]}>{t.runStates[run.state]}</Badge>
      <span className="muted">{t.triggers[run.trigger]}</span>
      <span className="muted">
        {took !== undefined && `${lasting(took)} · `}
        <Moment at={run.startedAt} />
      </span>
    </Link>
  );
}

const stageTone: Record<Stage['state'], Tone> = {
  waiting: 'plain',
  running: 'info',
  done: 'good',
  failed: 'bad',
  skipped: 'plain',
  continues: 'info',
};

/** Each kind of data: how it stands, how much there is, and when it was last brought whole. */
function Kinds({ last, runs }: { last: Run; runs: Run[] }) {
  const texts = t.connection;
  const kinds = last.stages.filter(({ kind }) => kind !== 'sweep');
  const lastGood = (kind: Stage['kind']) =>
    runs.flatMap(({ stages }) => stages).find((stage) => stage.kind === kind && stage.state === 'done')?.endedAt;
  return (
    <table className={styles.kinds}>
      <thead>
        <tr>
          <th>{texts.dataKind}</th>
          <th>{texts.state}</th>
          <th className={styles.num}>{texts.inOkta}</th>
          <th>{texts.lastGood}</th>
        </tr>
      </thead>
      <tbody>
        {kinds.map((stage) => {
          const reason = last.missing.find(({ kind }) => kind === stage.kind)?.reason;
          return (
            <tr key={stage.kind}>
              <td>{t.stages[stage.kind]}</td>
              <td>
                {stage.state === 'running' && stage.tasks > 1 ? (
                  <span className={styles.bar}>
                    <Meter value={stage.tasksDone} max={stage.tasks} label={t.stages[stage.kind]} />
                  </span>
                ) : (
                  <Badge tone={stageTone[stage.state]} {...(reason && { hint: reason })}>
                    {t.stageStates[stage.state]}
                  </Badge>
                )}
              </td>
              <td className={styles.num}>{number(stage.seen)}</td>
              <td>
                <Moment at={lastGood(stage.kind)} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
