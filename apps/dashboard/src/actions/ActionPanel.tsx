import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { problemFrom } from '../api/problem';
import { catalogueQuery, connectionQuery } from '../api/queries';
import {
  actionTone,
  hasActionEnded,
  type Action,
  type ActionKind,
  type ActionName,
  type PersonStatus,
} from '../domain';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { CopyButton } from '../ui/CopyButton';
import { TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import { Dialog } from '../ui/Overlay';
import { Badge, Notice } from '../ui/Parts';
import { Select } from '../ui/Select';
import { ProblemView, RemedyOf, Skeleton } from '../ui/States';
import styles from './actions.module.css';
import { reasonAgainst } from './possible';
import { Requests } from './Requests';
import { SchemaForm, type Known, type Values } from './SchemaForm';
import { isUndoable, useAct, useSettle, useUndo } from './useAct';

/** Whom an action is about; without a person it is about somebody who is to be made. */
export interface Target {
  connection: string;
  person?: { id: string; name: string; login: string; status: PersonStatus };
  action?: ActionName;
  values?: Values;
  known?: Omit<Known, 'connection'>;
}

/** A panel, for whoever may act, to act on one person: choose, fill in, try dry, do, and take back. */
export function ActionPanel({ target, onClose }: { target: Target | undefined; onClose: () => void }) {
  return (
    <Dialog title={t.act.title} shape="side" isOpen={target !== undefined} onClose={onClose}>
      {target && <ActionForm key={`${target.connection}${target.person?.id}${target.action}`} target={target} />}
    </Dialog>
  );
}

/** Where what Okta refuses is put right. */
const fieldOf = {
  confirmation_mismatch: 'parameters.confirmLogin',
  password_policy: 'parameters.password',
  old_password_wrong: 'parameters.oldPassword',
} as const;

function ActionForm({ target }: { target: Target }) {
  const { connection, person } = target;
  const catalogue = useQuery(catalogueQuery);
  const org = useQuery(connectionQuery(connection));
  const [chosen, setChosen] = useState<ActionName | undefined>(target.action);
  const [values, setValues] = useState<Values>(target.values ?? {});
  const [reason, setReason] = useState('');
  const dry = useAct(connection);
  const real = useAct(connection);
  if (catalogue.isError) return <ProblemView error={catalogue.error} onRetry={() => void catalogue.refetch()} />;
  if (!catalogue.data) return <Skeleton lines={5} height={30} />;

  const offered = catalogue.data.filter(({ needsPerson }) => needsPerson === (person !== undefined));
  const kind = offered.find(({ action }) => action === chosen);
  const against = kind && reasonAgainst(kind, { status: person?.status, connection: org.data });
  const wish = kind && {
    action: kind.action,
    reason: reason.trim(),
    ...(person && { person: person.id }),
    ...(Object.keys(values).length > 0 && { parameters: values }),
  };
  const isWhole = wish !== undefined && wish.reason !== '' && isFilled(kind!, values);
  /** What was tried, or refused, was another. */
  const forget = () => {
    dry.perform.reset();
    real.perform.reset();
  };
  const choose = (action: ActionName) => {
    setChosen(action);
    setValues(action === target.action ? (target.values ?? {}) : {});
    forget();
  };
  const tryDry = () => {
    real.perform.reset();
    dry.perform.mutate({ ...wish!, dryRun: true });
  };
  const act = () => {
    dry.perform.reset();
    real.perform.mutate(wish!);
  };
  const error = dry.perform.error ?? real.perform.error;

  return (
    <ProblemFields error={error} fieldOf={fieldOf}>
      <div className={styles.form}>
        {person && (
          <p className={styles.on}>
            <strong>{person.name || person.login}</strong>
            <span className="muted">{person.login}</span>
          </p>
        )}
        <Select
          label={t.act.choose}
          value={chosen ?? null}
          options={offered.map((one) => {
            const why = reasonAgainst(one, { status: person?.status, connection: org.data });
            return { id: one.action, text: one.title, ...(why && { detail: why }) };
          })}
          onChange={(action) => choose(action as ActionName)}
        />
        {kind && <p className="muted">{kind.summary}</p>}
        {against && <Notice tone="warn" title={against} />}
        {kind && real.result === undefined && (
          <>
            <SchemaForm
              schema={kind.parameters}
              values={values}
              onChange={(changed) => {
                setValues(changed);
                forget();
              }}
              known={{
                connection,
                ...target.known,
                // That of an app is another.
                ...(chosen !== 'change_user_profile' && { profile: undefined }),
              }}
            />
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
            {!kind.undo && (
              <p className="muted">{kind.action === 'delete_user' ? t.act.irreversible : t.act.notReversible}</p>
            )}
            <div className={styles.buttons}>
              <Button onPress={tryDry} isDisabled={!isWhole} isPending={dry.perform.isPending}>
                {t.act.dryRun}
              </Button>
              <Button
                look={kind.action === 'delete_user' ? 'danger' : 'primary'}
                onPress={act}
                isDisabled={!isWhole}
                isPending={real.perform.isPending}
              >
                {t.act.go}
              </Button>
            </div>
          </>
        )}
        {dry.result && (
          <Outcome>
            <Notice tone="info" title={dry.result.requests.length > 0 ? t.act.dryRunTitle : t.act.dryRunNothing}>
              <p>{t.act.dryRunText}</p>
              <Requests requests={dry.result.requests} isDry />
            </Notice>
          </Outcome>
        )}
        {error && (
          <Outcome key={dry.perform.submittedAt + real.perform.submittedAt}>
            <Refused error={error} onChoose={choose} offered={offered} />
          </Outcome>
        )}
        {real.result && (
          <Outcome takesFocus>
            <Result
              action={real.result}
              answer={real.perform.data?.answer}
              kinds={catalogue.data}
              onAnother={() => real.perform.reset()}
            />
          </Outcome>
        )}
      </div>
    </ProblemFields>
  );
}

/** What it came to stands below a long form: it is brought into sight when it comes. */
function Outcome({ takesFocus = false, children }: { takesFocus?: boolean; children: ReactNode }) {
  const area = useRef<HTMLDivElement>(null);
  // What it answers is no way to clean up, so it is not handed on.
  useEffect(() => {
    area.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={area}>
      {takesFocus ? (
        <div tabIndex={-1} ref={focused} className={styles.outcome}>
          {children}
        </div>
      ) : (
        children
      )}
    </div>
  );
}

/** Stands where what had the focus is gone: otherwise it would be on the button that closes the panel. */
const focused = (element: HTMLElement | null) => element?.focus({ preventScroll: true });

/** What was refused, and what would be possible instead. */
function Refused({
  error,
  onChoose,
  offered,
}: {
  error: Error;
  onChoose: (action: ActionName) => void;
  offered: ActionKind[];
}) {
  const possible = (problemFrom(error).problem.context?.possible ?? []) as ActionName[];
  const kinds = offered.filter(({ action }) => possible.includes(action));
  return (
    <div className={styles.form}>
      <FormProblem />
      {kinds.length > 0 && (
        <div>
          <p className="muted">{t.act.possible}</p>
          <div className={styles.buttons}>
            {kinds.map(({ action, title }) => (
              <Button key={action} size="small" onPress={() => onChoose(action)}>
                {title}
              </Button>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

function Result({
  action,
  answer,
  kinds,
  onAnother,
}: {
  action: Action;
  answer: Record<string, unknown> | undefined;
  kinds: ActionKind[];
  onAnother: () => void;
}) {
  const undo = useUndo();
  const settle = useSettle();
  const shown = settle.data ?? action;
  const isUnknown = shown.state === 'unknown';
  const title = !hasActionEnded(shown)
    ? t.act.running
    : isUnknown
      ? t.act.unknown
      : shown.effect === 'none'
        ? t.act.doneNone
        : shown.state === 'done'
          ? shown.verified
            ? t.act.doneVerified
            : t.act.done
          : t.actionStates[shown.state];
  return (
    <div className={styles.form}>
      <Notice tone={actionTone[shown.state]} title={title}>
        {!hasActionEnded(shown) && t.act.runningText}
        {isUnknown && t.act.unknownText}
        {shown.fault && !isUnknown && (
          <>
            <p>{shown.fault.detail}</p>
            <RemedyOf code={shown.fault.code} />
          </>
        )}
      </Notice>
      {answer && <Secrets answer={answer} />}
      <Requests requests={shown.requests} />
      <div className={styles.buttons}>
        {isUnknown && (
          <Button onPress={() => settle.mutate(shown)} isPending={settle.isPending}>
            {t.act.settle}
          </Button>
        )}
        {isUndoable(shown, kinds) && !undo.isSuccess && (
          <Button onPress={() => undo.mutate(shown)} isPending={undo.isPending}>
            {t.act.undo}
          </Button>
        )}
        {undo.isSuccess && (
          <span tabIndex={-1} ref={focused} className={styles.outcome}>
            <Badge tone="good">{t.act.undone}</Badge>
          </span>
        )}
        <Button look="quiet" onPress={onAnother}>
          {t.act.another}
        </Button>
        <Link to="/actions/$action" params={{ action: shown.id }} className="link">
          {t.act.seeRecord}
        </Link>
      </div>
    </div>
  );
}

/** What Okta answered secretly: shown to whoever asked, this once. */
function Secrets({ answer }: { answer: Record<string, unknown> }) {
  return (
    <Notice tone="warn" title={t.act.secretTitle}>
      <p>{t.act.secretText}</p>
      {Object.entries(answer).map(([name, secret]) => (
        <div key={name} className={styles.secret}>
          <span>{t.act.secrets[name] ?? name}</span>
          <code>{String(secret)}</code>
          <CopyButton text={String(secret)} />
        </div>
      ))}
    </Notice>
  );
}

const isFilled = ({ parameters }: ActionKind, values: Values): boolean =>
  ((parameters as { required?: string[] }).required ?? []).every((name) => values[name] !== undefined);
