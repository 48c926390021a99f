import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { sessionsQuery } from '../api/queries';
import { sessionQuery } from '../api/session';
import { useSession } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import layout from '../ui/layout.module.css';
import { Badge, Moment, Panel } from '../ui/Parts';
import { Sheet } from '../ui/Sheet';
import { Answer } from '../ui/States';
import { say, sayProblem } from '../ui/Toasts';
import { browserName } from './browser-name';
import styles from './settings.module.css';

type OpenSession = Schemas['OpenSession'];

const texts = t.settings;

/** One's own password, and where one is signed in. */
export function Account() {
  return (
    <div className={layout.wide}>
      <Password />
      <Sessions />
    </div>
  );
}

const passwordFields = { password_wrong: 'current', password_weak: 'password' } as const;

function Password() {
  const { hasPassword } = useSession();
  const here = useQuery(sessionsQuery).data?.sessions.find(({ current: isThis }) => isThis);
  const cache = useQueryClient();
  const [password, setPassword] = useState('');
  const [current, setCurrent] = useState('');
  const change = useMutation({
    mutationFn: () => api.PUT('/api/v1/session/password', { body: { password, ...(current && { current }) } }),
    onSuccess: async () => {
      setPassword('');
      setCurrent('');
      say(texts.passwordChanged);
      await cache.invalidateQueries({ queryKey: sessionQuery.queryKey });
      await cache.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  // Whoever came by a provider and has no password gets none: the provider says who may come in.
  if (!hasPassword && here?.way === 'oidc')
    return (
      <Panel title={texts.password}>
        <p className="muted">{texts.passwordNotUsed}</p>
      </Panel>
    );
  const title = hasPassword ? texts.changePassword : texts.setPassword;
  return (
    <Panel title={texts.password}>
      <ProblemFields error={change.error} fieldOf={passwordFields}>
        <form
          className={`${layout.stack} ${styles.form}`}
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate();
          }}
        >
          <p className="muted">{texts.passwordLead}</p>
          {hasPassword && (
            <TextField
              label={texts.currentPassword}
              name="current"
              type="password"
              value={current}
              onChange={setCurrent}
              help={texts.currentHelp}
              autoComplete="current-password"
            />
          )}
          <TextField
            label={texts.newPassword}
            name="password"
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            isRequired
          />
          <FormProblem />
          <div>
            <Button type="submit" look="primary" isDisabled={!password} isPending={change.isPending}>
              {title}
            </Button>
          </div>
        </form>
      </ProblemFields>
    </Panel>
  );
}

function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: (session: string) => api.DELETE('/api/v1/sessions/{session}', { params: { path: { session } } }),
    onSuccess: async () => {
      say(texts.ended);
      await cache.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
  return (
    <>
      <p className="muted">{texts.sessionsLead}</p>
      <Panel title={texts.sessions} isFlush>
        <Answer query={sessions}>
          {({ sessions: all }) => (
            <Sheet<OpenSession>
              label={texts.sessions}
              rows={all}
              keyOf={({ id }) => id}
              columns={[
                { title: texts.member, cell: ({ person }) => person.email },
                {
                  title: texts.browser,
                  isLong: true,
                  cell: ({ browser, address }) => (
                    <span title={browser}>
                      {browserName(browser)} <span className="muted">{address}</span>
                    </span>
                  ),
                },
                { title: texts.since, cell: ({ openedAt }) => <Moment at={openedAt} /> },
                { title: texts.seen, cell: ({ seenAt }) => <Moment at={seenAt} /> },
                { title: texts.expires, cell: ({ expiresAt }) => <Moment at={expiresAt} style="deadline" /> },
                {
                  title: texts.endSession,
                  isTitleHidden: true,
                  isNumber: true,
                  cell: ({ id, current, person }) =>
                    current ? (
                      <Badge tone="good">{texts.thisOne}</Badge>
                    ) : (
                      <Button
                        size="small"
                        look="quiet"
                        onPress={() => end.mutate(id)}
                        aria-label={`${texts.endSession}, ${person.email}`}
                      >
                        {texts.endSession}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Answer>
      </Panel>
    </>
  );
}
