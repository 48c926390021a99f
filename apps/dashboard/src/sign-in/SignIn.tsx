import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useState, type SubmitEvent } from 'react';
import { problemFrom } from '../api/problem';
import { oidcStart, sessionOverKey, sessionQuery, signIn, signInByLink, signInWaysQuery } from '../api/session';
import { Mark } from '../shell/Mark';
import { t } from '../texts';
import { offerTour } from '../tour/tour';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { Notice } from '../ui/Parts';
import { ProblemView, Skeleton } from '../ui/States';
import styles from './SignIn.module.css';

/** The way in: by a link that works once, by a provider, or by a password. */
export default function SignIn() {
  const ways = useQuery(signInWaysQuery);
  const location = useLocation();
  const link = useLink();
  const cache = useQueryClient();
  const [isOver] = useState(() => cache.getQueryData(sessionOverKey) === true);
  useEffect(() => {
    document.title = `${t.signIn.title} · ${t.product}`;
  }, []);
  const problem = new URLSearchParams(location.hash).get('problem');
  const returnTo = location.pathname === '/sign-in' ? '/' : location.href;
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Mark />
        <h1>{t.signIn.title}</h1>
        <p className={styles.lead}>{t.signIn.lead}</p>
        {link === 'trying' ? (
          <p role="status">{t.signIn.link}</p>
        ) : (
          <>
            {problem !== null && <Refused code={problem} />}
            {isOver && problem === null && link === 'none' && (
              <div role="alert" className={styles.note}>
                <Notice tone="info" title={t.signIn.over}>
                  {t.signIn.overText}
                </Notice>
              </div>
            )}
            {link === 'failed' && (
              <div className={styles.note}>
                <Notice tone="warn" title={t.signIn.linkFailed}>
                  {t.signIn.linkFailedText}
                </Notice>
              </div>
            )}
            {ways.isPending && <Skeleton lines={3} height={32} />}
            {ways.isError && <ProblemView isSmall error={ways.error} onRetry={() => void ways.refetch()} />}
            {ways.data && (
              <div className={styles.ways}>
                {ways.data.oidc.map(({ id, name }) => (
                  <Button key={id} onPress={() => window.location.assign(oidcStart(id, returnTo))}>
                    {t.signIn.with(name)}
                  </Button>
                ))}
                {ways.data.oidc.length > 0 && ways.data.password && <p className={styles.or}>{t.signIn.or}</p>}
                {ways.data.password && <PasswordForm />}
                {ways.data.oidc.length === 0 && !ways.data.password && <p className="muted">{t.signIn.noWays}</p>}
              </div>
            )}
          </>
        )}
      </div>
    </main>
  );
}

/** Why a provider's sign-in came to nothing, and what to do: the gateway leads back here with the code of the problem. */
function Refused({ code }: { code: string }) {
  const { title, text } = t.signIn.problems[code] ?? t.signIn.otherProblem;
  return (
    <div role="alert" className={styles.note}>
      <Notice tone="bad" title={title}>
        {text}
      </Notice>
    </div>
  );
}

function PasswordForm() {
  const cache = useQueryClient();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const [error, setError] = useState<unknown>();
  const go = async (event: SubmitEvent) => {
    event.preventDefault();
    setIsAsking(true);
    setError(undefined);
    try {
      await signIn(email, password);
      await cache.resetQueries();
    } catch (caught) {
      setError(caught);
      setPassword('');
    } finally {
      setIsAsking(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void go(event)}>
      <TextField
        label={t.signIn.email}
        type="email"
        value={email}
        onChange={setEmail}
        autoComplete="username"
        isRequired
        autoFocus
      />
      <TextField
        label={t.signIn.password}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        isRequired
      />
      {error !== undefined && (
        <Notice tone="bad" title={t.signIn.failed}>
          {problemFrom(error).problem.detail}
        </Notice>
      )}
      <Button type="submit" look="primary" isPending={isAsking}>
        {t.signIn.go}
      </Button>
    </form>
  );
}

const behindHash = () => new URLSearchParams(window.location.hash.slice(1));
const tokenOfAddress = () => behindHash().get('link');

/** Signs in by the token behind the `#` of the address, which is taken out of it at once. */
function useLink(): 'none' | 'trying' | 'failed' {
  const [state, setState] = useState<'none' | 'trying' | 'failed'>(tokenOfAddress() ? 'trying' : 'none');
  const cache = useQueryClient();
  const navigate = useNavigate();
  const enter = useEffectEvent(async () => {
    const token = tokenOfAddress();
    if (!token) return;
    const isTourWanted = behindHash().has('tour');
    window.history.replaceState(window.history.state, '', window.location.pathname);
    setState('trying');
    try {
      await signInByLink(token);
    } catch {
      return setState('failed');
    }
    cache.removeQueries({ queryKey: sessionOverKey });
    if (isTourWanted) offerTour();
    await navigate({ to: '/' });
    await cache.resetQueries({ queryKey: sessionQuery.queryKey });
  });
  useEffect(() => {
    const tried = () => void enter();
    tried();
    // A link that is pasted while this page is open changes nothing but what is behind the `#`.
    window.addEventListener('hashchange', tried);
    return () => window.removeEventListener('hashchange', tried);
  }, []);
  return state;
}
