import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { connectionsQuery, keysQuery } from '../api/queries';
import { sessionQuery, type Role } from '../api/session';
import type { Connection } from '../domain';
import { zonesWith } from '../format';
import { ConnectFirst } from '../integrations/ConnectFirst';
import { useMay, useSession } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import layout from '../ui/layout.module.css';
import { Dialog } from '../ui/Overlay';
import { Page } from '../ui/Page';
import { Badge, Facts, Moment, Panel } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Sheet } from '../ui/Sheet';
import { Answer, Empty, NotAllowed, ProblemView, Skeleton } from '../ui/States';
import { LinkTabs } from '../ui/Tabs';
import { say, sayProblem } from '../ui/Toasts';
import { Account } from './Account';
import { Members } from './Members';
import { Providers } from './Providers';
import { RoleChoice } from './RoleChoice';
import styles from './settings.module.css';
import { ShownOnce } from './ShownOnce';
import { Webhooks } from './Webhooks';

type Key = Schemas['Key'];

const route = getRouteApi('/settings');
const texts = t.settings;

export default function Settings() {
  const isAdmin = useMay('admin');
  // What opens first is something that one may see.
  const first = isAdmin ? 'keys' : 'account';
  const { tab = first } = route.useSearch();
  return (
    <Page title={texts.title}>
      <LinkTabs
        label={texts.title}
        tabs={(['keys', 'webhooks', 'members', 'sign-in', 'licence', 'account', 'workspace'] as const).map((id) => ({
          text: texts.tabs[id],
          isOn: tab === id,
          to: {
            to: '.',
            search: (before: object) => ({ ...before, tab: id === first ? undefined : id, webhook: undefined }),
          },
        }))}
      />
      {tab === 'keys' && <Keys />}
      {tab === 'webhooks' && <Webhooks />}
      {tab === 'members' && <Members />}
      {tab === 'sign-in' && <Providers />}
      {tab === 'licence' && <Licence />}
      {tab === 'account' && <Account />}
      {tab === 'workspace' && <Workspace />}
    </Page>
  );
}

function Keys() {
  const isAdmin = useMay('admin');
  return isAdmin ? <KeyList /> : <NotAllowed needs={texts.keysDenied} />;
}

function KeyList() {
  const keys = useInfiniteQuery(keysQuery);
  const [isIssuing, setIsIssuing] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const all = keys.data?.pages.flatMap((page) => page.keys) ?? [];
  return (
    <>
      <p className="muted">{texts.keysLead}</p>
      <Panel
        title={texts.tabs.keys}
        isFlush
        aside={
          <Button icon={<Plus />} size="small" onPress={() => setIsIssuing(true)}>
            {texts.newKey}
          </Button>
        }
      >
        {keys.isError ? (
          <ProblemView error={keys.error} onRetry={() => void keys.refetch()} />
        ) : keys.isPending ? (
          <Skeleton lines={4} />
        ) : all.length === 0 ? (
          <Empty icon={<KeyRound aria-hidden />} title={texts.noKeys} />
        ) : (
          <Sheet<Key>
            label={texts.tabs.keys}
            rows={all}
            keyOf={({ id }) => id}
            columns={[
              {
                title: texts.name,
                cell: ({ name, id }) => (
                  <>
                    <strong className={styles.name}>{name}</strong> <code className="muted">{id.slice(-6)}</code>
                  </>
                ),
              },
              { title: texts.role, cell: ({ role }) => t.shell.roles[role] },
              { title: texts.state, cell: (key) => <KeyState apiKey={key} /> },
              { title: texts.created, cell: ({ createdAt }) => <Moment at={createdAt} style="date" /> },
              {
                title: texts.lastUsed,
                cell: ({ lastUsedAt }) =>
                  lastUsedAt ? <Moment at={lastUsedAt} /> : <span className="muted">{texts.notUsed}</span>,
              },
              {
                title: texts.expires,
                cell: ({ expiresAt }) =>
                  expiresAt ? <Moment at={expiresAt} style="deadline" /> : <span className="muted">{texts.never}</span>,
              },
              {
                title: texts.revoke,
                isTitleHidden: true,
                isNumber: true,
                cell: (key) =>
                  key.revokedAt === null && (
                    <Button
                      size="small"
                      look="quiet"
                      onPress={() => setRevoking(key)}
                      aria-label={`${texts.revoke} ${key.name}`}
                    >
                      {texts.revoke}
                    </Button>
                  ),
              },
            ]}
          />
        )}
        {keys.hasNextPage && (
          <Button look="quiet" onPress={() => void keys.fetchNextPage()}>
            {t.common.more}
          </Button>
        )}
      </Panel>
      <IssueKey isOpen={isIssuing} onClose={() => setIsIssuing(false)} />
      <RevokeKey apiKey={revoking} onClose={() => setRevoking(undefined)} />
    </>
  );
}

function KeyState({ apiKey }: { apiKey: Key }) {
  if (apiKey.revokedAt) return <Badge tone="plain">{texts.revoked}</Badge>;
  const isExpired = apiKey.expiresAt !== null && new Date(apiKey.expiresAt) < new Date();
  return isExpired ? <Badge tone="warn">{texts.expired}</Badge> : <Badge tone="good">{texts.active}</Badge>;
}

function IssueKey({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [expires, setExpires] = useState('');
  const issue = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/keys', {
          body: { name: name.trim(), role, ...(expires && { expiresAt: new Date(expires).toISOString() }) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const close = () => {
    issue.reset();
    setName('');
    onClose();
  };
  const text = issue.data?.key;
  return (
    <Dialog
      title={text ? texts.issuedTitle : texts.newKey}
      isOpen={isOpen}
      isKept={text !== undefined}
      onClose={close}
      footer={
        !text && (
          <Button look="primary" isDisabled={!name.trim()} isPending={issue.isPending} onPress={() => issue.mutate()}>
            {texts.issue}
          </Button>
        )
      }
    >
      {text ? (
        <ShownOnce text={text} warning={texts.issuedText} />
      ) : (
        <ProblemFields error={issue.error}>
          <div className={layout.stack}>
            <TextField
              label={texts.name}
              name="name"
              value={name}
              onChange={setName}
              isRequired
              autoFocus
              maxLength={100}
            />
            <RoleChoice value={role} onChange={setRole} />
            <TextField label={texts.expires} name="expiresAt" type="date" value={expires} onChange={setExpires} />
            <FormProblem />
          </div>
        </ProblemFields>
      )}
    </Dialog>
  );
}

function RevokeKey({ apiKey, onClose }: { apiKey: Key | undefined; onClose: () => void }) {
  const cache = useQueryClient();
  const revoke = useMutation({
    mutationFn: (key: string) => api.DELETE('/api/v1/keys/{key}', { params: { path: { key } } }),
    onSuccess: async () => {
      onClose();
      say(texts.revoked);
      await cache.invalidateQueries({ queryKey: keysQuery.queryKey });
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
  return (
    <Dialog
      title={texts.revokeTitle(apiKey?.name ?? '')}
      isOpen={apiKey !== undefined}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button look="danger" isPending={revoke.isPending} onPress={() => apiKey && revoke.mutate(apiKey.id)}>
            {texts.revoke}
          </Button>
        </>
      }
    >
      <p>{texts.revokeText}</p>
    </Dialog>
  );
}

/** The rule is one of the settings of each org: here it is seen for all, and there it is changed. */
function Licence() {
  const connections = useQuery(connectionsQuery);
  return (
    <div className={layout.wide}>
      <p className="muted">{texts.licenceLead}</p>
      <Answer query={connections}>
        {(all) => {
          const shown = all.filter(({ removedAt }) => removedAt === null);
          if (shown.length === 0)
            return <ConnectFirst title={t.integrations.none}>{t.integrations.noneText}</ConnectFirst>;
          return (
            <Panel title={texts.tabs.licence} isFlush>
              <Sheet<Connection>
                label={texts.tabs.licence}
                rows={shown}
                keyOf={({ id }) => id}
                columns={[
                  {
                    title: texts.licenceOrg,
                    cell: ({ id, name }) => (
                      <Link to="/integrations/okta/$in" params={{ in: id }} className="link">
                        {name}
                      </Link>
                    ),
                  },
                  {
                    title: texts.licenceStatuses,
                    isLong: true,
                    cell: ({ licensedStatuses }) =>
                      licensedStatuses.map((status) => t.statuses[status].name).join(', '),
                  },
                ]}
              />
            </Panel>
          );
        }}
      </Answer>
    </div>
  );
}

const ownZone = 'own';

function Workspace() {
  const { workspace, role } = useSession();
  const isAdmin = useMay('admin');
  const cache = useQueryClient();
  const [name, setName] = useState(workspace.name);
  const [zone, setZone] = useState(workspace.timeZone);
  const browser = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const save = useMutation({
    mutationFn: () => bodyOf(api.PATCH('/api/v1/workspace', { body: { name: name.trim(), timeZone: zone } })),
    onSuccess: () => {
      say(texts.workspaceSaved);
      return cache.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
  const isChanged = name.trim() !== workspace.name || zone !== workspace.timeZone;
  return (
    <div className={`${layout.wide} ${layout.narrow}`}>
      <Panel title={texts.tabs.workspace} aside={!isAdmin && t.connection.settingsDenied}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <fieldset disabled={!isAdmin} className={layout.stack} style={{ border: 0, padding: 0, margin: 0 }}>
            <TextField label={texts.workspaceName} value={name} onChange={setName} maxLength={100} isRequired />
            <Select
              label={texts.zone}
              help={texts.zoneHelp}
              value={zone || ownZone}
              options={[
                { id: ownZone, text: texts.zoneOwn(browser) },
                ...zonesWith(browser).map((id) => ({ id, text: id })),
              ]}
              onChange={(chosen) => setZone(chosen === ownZone ? '' : chosen)}
            />
            {isAdmin && (
              <div>
                <Button type="submit" look="primary" isPending={save.isPending} isDisabled={!isChanged || !name.trim()}>
                  {t.common.save}
                </Button>
              </div>
            )}
          </fieldset>
        </form>
      </Panel>
      <Panel>
        <Facts
          facts={[
            [texts.workspaceId, <code key="id">{workspace.id}</code>],
            [texts.role, t.shell.roles[role]],
            [
              texts.reference,
              <a key="reference" className="link" href="/api/v1/reference">
                {texts.referenceText}
              </a>,
            ],
            [
              texts.events,
              <a key="events" className="link" href="/api/v1/reference/events">
                {texts.eventsText}
              </a>,
            ],
          ]}
        />
      </Panel>
    </div>
  );
}
