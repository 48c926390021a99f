import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { connectionsQuery } from '../api/queries';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { Button, ButtonLink } from '../ui/Button';
import { Cards, TextField } from '../ui/Field';
import { Dialog } from '../ui/Overlay';
import { Page } from '../ui/Page';
import { Notice, Panel } from '../ui/Parts';
import { NotAllowed, ProblemView } from '../ui/States';
import { Checks, checksToCome, scopesOf, type ShownCheck } from './Checks';
import styles from './integrations.module.css';
import { originOf, tokensPageOf } from './org-url';

type Connection = Schemas['Connection'];

const above = { text: t.integrations.title, to: { to: '/integrations' } } as const;

export default function Connect() {
  const isAdmin = useMay('admin');
  return (
    <Page title={t.connect.title} above={above}>
      {isAdmin ? <ConnectForm /> : <NotAllowed needs={t.integrations.onlyAdmin} />}
    </Page>
  );
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
  const connect = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/connections', {
          body: { orgUrl: orgUrl.trim(), token: token.trim(), level, ...(name.trim() && { name: name.trim() }) },
        }),
      ),
    onSuccess: () => {
      setToken('');
      return cache.invalidateQueries({ queryKey: connectionsQuery.queryKey });
    },
  });
  const retest = useMutation({
    mutationFn: (connection: string) =>
      bodyOf(api.POST('/api/v1/connections/{connection}/test', { params: { path: { connection } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
  });
  const go = () => {
    connect.reset();
    retest.reset();
    setIsOpen(true);
    connect.mutate();
  };
  const origin = originOf(orgUrl);
  const made = retest.data ?? connect.data;
  return (
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
            onChange={setLevel}
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
            value={orgUrl}
            onChange={setOrgUrl}
            placeholder="acme.okta.com"
            isRequired
            help={origin ? texts.urlRead(origin) : texts.urlHelp}
          />
          <TextField label={texts.name} value={name} onChange={setName} help={texts.nameHelp} maxLength={100} />
        </div>
      </Panel>
      <Panel title={texts.token}>
        <div className={styles.pair}>
          <TextField
            label={texts.token}
            type="password"
            value={token}
            onChange={setToken}
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
      <div className={styles.goLine}>
        <Button type="submit" look="primary" isDisabled={!orgUrl.trim() || !token.trim()}>
          {texts.go}
        </Button>
        <ButtonLink to="/integrations" look="quiet">
          {t.common.cancel}
        </ButtonLink>
      </div>
      <TestWindow
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        level={level}
        isRunning={connect.isPending || retest.isPending}
        made={made}
        error={connect.error ?? retest.error}
        onAgain={() => (made ? retest.mutate(made.id) : go())}
        onProceed={() => made && void navigate({ to: '/integrations/okta/$in', params: { in: made.id } })}
      />
    </form>
  );
}

/** The window of the test: each check running and its result, and where to go from there. */
function TestWindow({
  isOpen,
  onClose,
  level,
  isRunning,
  made,
  error,
  onAgain,
  onProceed,
}: {
  isOpen: boolean;
  onClose: () => void;
  level: Connection['level'];
  isRunning: boolean;
  made: Connection | undefined;
  error: Error | null;
  onAgain: () => void;
  onProceed: () => void;
}) {
  const texts = t.connect;
  const problem = error ? problemFrom(error).problem : undefined;
  const found = made?.checks ?? (problem?.context?.checks as ShownCheck[] | undefined);
  const lacking = made?.checks.filter(({ result }) => result === 'missing' || result === 'failed').length ?? 0;
  return (
    <Dialog
      title={texts.testing}
      isOpen={isOpen}
      onClose={made && !isRunning ? onProceed : onClose}
      isBusy={isRunning}
      footer={
        isRunning ? undefined : made ? (
          <>
            {lacking > 0 && <Button onPress={onAgain}>{texts.again}</Button>}
            <Button look="primary" onPress={onProceed}>
              {texts.proceed}
            </Button>
          </>
        ) : (
          <>
            <Button onPress={onAgain}>{texts.again}</Button>
            <Button look="primary" onPress={onClose}>
              {texts.change}
            </Button>
          </>
        )
      }
    >
      <div className={styles.stack}>
        {isRunning ? (
          <Notice tone="info" title={texts.running}>
            {texts.runningText}
          </Notice>
        ) : made ? (
          <Notice tone={lacking > 0 ? 'warn' : 'good'} title={lacking > 0 ? texts.lacking(lacking) : texts.passed}>
            {lacking > 0 ? texts.lackingText : texts.passedText}
          </Notice>
        ) : problem && found ? (
          <Notice tone="bad" title={texts.refused}>
            {problem.detail}
          </Notice>
        ) : (
          error && <ProblemView error={error} isSmall />
        )}
        {(isRunning || found) && <Checks checks={isRunning ? checksToCome(level) : found!} />}
      </div>
    </Dialog>
  );
}
