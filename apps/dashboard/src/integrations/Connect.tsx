import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useMemo, useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom, ProblemError } from '../api/problem';
import { connectionsQuery } from '../api/queries';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { Button, ButtonLink } from '../ui/Button';
import { Cards, TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import { Dialog } from '../ui/Overlay';
import { Page } from '../ui/Page';
import { Panel } from '../ui/Parts';
import { NotAllowed, ProblemView } from '../ui/States';
import { scopesOf } from './Checks';
import styles from './integrations.module.css';
import { originOf, tokensPageOf } from './org-url';
import { TestResult } from './TestResult';
import { isRefused, lackingIn, useTest } from './useTest';

type Connection = Schemas['Connection'];
type Ended = Schemas['ConnectionTest'];

const above = { text: t.integrations.title, to: { to: '/integrations' } } as const;

export default function Connect() {
  const isAdmin = useMay('admin');
  return (
    <Page title={t.connect.title} above={above}>
      {isAdmin ? <ConnectForm /> : <NotAllowed needs={t.integrations.onlyAdmin} />}
    </Page>
  );
}

/** Where an address that cannot be taken is put right. */
const fieldOf = { invalid_org_url: 'orgUrl', already_connected: 'orgUrl' } as const;

/** The checks that speak of a field of the form. */
const fieldOfCheck: Record<string, string> = { url: 'orgUrl', token: 'token' };

/** What a test that was refused says of the fields; it is shown there when its window is closed. */
function fieldsRefused(ended: Ended): ProblemError | undefined {
  if (!isRefused(ended)) return undefined;
  const errors = ended.checks
    .filter(({ check, result }) => result === 'failed' && check in fieldOfCheck)
    .map(({ check, detail, mend }) => ({ path: `$.${fieldOfCheck[check]}`, detail: `${detail} ${mend}` }));
  return errors.length === 0
    ? undefined
    : new ProblemError({
        code: 'connection_test_failed',
        title: t.connect.words.refused,
        status: 422,
        detail: '',
        errors,
      });
}

/** The connection that the org has already, where that is why it was refused. */
function takenBy(error: unknown): string | undefined {
  if (!error) return undefined;
  const { code, context } = problemFrom(error).problem;
  return code === 'already_connected' ? (context?.connection as string | undefined) : undefined;
}

function ConnectForm() {
  const texts = t.connect;
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [level, setLevel] = useState<Connection['level']>('read');
  const [orgUrl, setOrgUrl] = useState('');
  const [name, setName] = useState('');
  const [token, setToken] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const org = { orgUrl: orgUrl.trim(), token: token.trim(), level };
  const test = useTest();
  const connect = useMutation({
    mutationFn: () =>
      bodyOf(api.POST('/api/v1/connections', { body: { ...org, ...(name.trim() && { name: name.trim() }) } })),
    onSuccess: async ({ id }) => {
      await cache.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      await navigate({ to: '/integrations/okta/$in', params: { in: id } });
    },
  });
  const go = () => {
    connect.reset();
    setIsOpen(true);
    test.start(() => bodyOf(api.POST('/api/v1/connection-tests', { body: org, parseAs: 'stream' })), {
      // What is wrong with a field is said at the field.
      onError: (error) => {
        if (problemFrom(error).problem.errors?.length) setIsOpen(false);
      },
    });
  };
  const origin = originOf(orgUrl);
  const { ended } = test;
  const isGood = ended !== undefined && !isRefused(ended);
  const failed = useMemo(() => ended && fieldsRefused(ended), [ended]);
  const refused = connect.error ?? test.error ?? failed;
  const mended = <T,>(set: (value: T) => void) => {
    return (value: T) => {
      connect.reset();
      test.reset();
      set(value);
    };
  };
  const taken = takenBy(refused);
  return (
    <ProblemFields error={isOpen ? undefined : refused} fieldOf={fieldOf}>
      <form
        className={styles.connect}
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <Panel title={texts.level}>
          <div className={styles.stack}>
            <p className="muted">{texts.levelLead}</p>
            <Cards
              label={texts.level}
              value={level}
              onChange={mended(setLevel)}
              options={(['read', 'read_and_act'] as const).map((id) => ({
                id,
                title: id === 'read' ? texts.readTitle : texts.actTitle,
                children: (
                  <>
                    <span className="muted">{id === 'read' ? texts.readText : texts.actText}</span>
                    <span className={styles.scopes} aria-label={texts.scopes}>
                      {scopesOf(id).map((scope) => (
                        <code key={scope}>{scope}</code>
                      ))}
                    </span>
                  </>
                ),
              }))}
            />
          </div>
        </Panel>
        <Panel title={texts.org}>
          <div className={styles.pair}>
            <TextField
              label={texts.url}
              name="orgUrl"
              value={orgUrl}
              onChange={mended(setOrgUrl)}
              placeholder="acme.okta.com"
              isRequired
              help={origin ? texts.urlRead(origin) : texts.urlHelp}
            />
            <TextField
              label={texts.name}
              name="name"
              value={name}
              onChange={setName}
              help={texts.nameHelp}
              maxLength={100}
            />
          </div>
        </Panel>
        <Panel title={texts.token}>
          <div className={styles.pair}>
            <TextField
              label={texts.token}
              name="token"
              type="password"
              value={token}
              onChange={mended(setToken)}
              help={texts.tokenHelp}
              isRequired
              isMono
            />
            <div className={styles.guide}>
              <h3>{texts.guide}</h3>
              <ol>
                {texts.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
              {origin && (
                <a className="link" href={tokensPageOf(origin)} target="_blank" rel="noreferrer">
                  {texts.openOkta} <ExternalLink size={12} aria-hidden />
                </a>
              )}
            </div>
          </div>
        </Panel>
        <FormProblem />
        <div className={styles.goLine}>
          <Button type="submit" look="primary" isDisabled={!orgUrl.trim() || !token.trim()}>
            {texts.go}
          </Button>
          <ButtonLink to="/integrations" look="quiet">
            {t.common.cancel}
          </ButtonLink>
        </div>
        <Dialog
          title={t.tests.title}
          isOpen={isOpen}
          onClose={() => setIsOpen(false)}
          isBusy={test.isRunning || connect.isPending}
          footer={
            !test.isRunning && (
              <>
                {!(isGood && lackingIn(ended) === 0) && <Button onPress={go}>{t.tests.again}</Button>}
                {isGood ? (
                  <Button look="primary" isPending={connect.isPending} onPress={() => connect.mutate()}>
                    {texts.connect}
                  </Button>
                ) : (
                  <Button look="primary" onPress={() => setIsOpen(false)}>
                    {texts.change}
                  </Button>
                )}
              </>
            )
          }
        >
          <div className={styles.stack}>
            {connect.error && <ProblemView error={connect.error} isSmall />}
            <TestResult test={test} level={level} words={texts.words} />
            {taken && (
              <p>
                <Link to="/integrations/okta/$in" params={{ in: taken }} className="link">
                  {texts.toTaken}
                </Link>
              </p>
            )}
          </div>
        </Dialog>
      </form>
    </ProblemFields>
  );
}
