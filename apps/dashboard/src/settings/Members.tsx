import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link2, Plus, Users } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { membersQuery } from '../api/queries';
import type { Role } from '../api/session';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { TextField } from '../ui/Field';
import layout from '../ui/layout.module.css';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import { Dialog } from '../ui/Overlay';
import { Moment, Panel } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Sheet } from '../ui/Sheet';
import { Empty, NotAllowed, ProblemView, Skeleton } from '../ui/States';
import { say, sayProblem } from '../ui/Toasts';
import { RoleChoice } from './RoleChoice';
import styles from './settings.module.css';
import { ShownOnce } from './ShownOnce';

type Member = Schemas['Member'];

const texts = t.settings;
const roles = (['viewer', 'operator', 'admin'] as const).map((id) => ({ id, text: t.shell.roles[id] }));

/** Who may sign in to the workspace. */
export function Members() {
  const isAdmin = useMay('admin');
  return isAdmin ? <MemberList /> : <NotAllowed needs={texts.membersDenied} />;
}

function MemberList() {
  const members = useInfiniteQuery(membersQuery);
  const [isAdding, setIsAdding] = useState(false);
  const [linking, setLinking] = useState<Member>();
  const [removing, setRemoving] = useState<Member>();
  const all = members.data?.pages.flatMap((page) => page.members) ?? [];
  return (
    <>
      <p className="muted">{texts.membersLead}</p>
      <Panel
        title={texts.tabs.members}
        isFlush
        aside={
          <Button icon={<Plus />} size="small" onPress={() => setIsAdding(true)}>
            {texts.newMember}
          </Button>
        }
      >
        {members.isError ? (
          <ProblemView error={members.error} onRetry={() => void members.refetch()} />
        ) : members.isPending ? (
          <Skeleton lines={4} />
        ) : all.length === 0 ? (
          <Empty icon={<Users aria-hidden />} title={texts.newMember} />
        ) : (
          <Sheet<Member>
            label={texts.tabs.members}
            rows={all}
            keyOf={({ id }) => id}
            columns={[
              {
                title: texts.member,
                cell: ({ name, email }) => (
                  <>
                    <strong className={styles.name}>{name}</strong> <span className="muted">{email}</span>
                  </>
                ),
              },
              { title: texts.role, cell: (member) => <MemberRole member={member} /> },
              { title: texts.signsInBy, cell: waysOf },
              {
                title: texts.lastSignIn,
                cell: ({ lastSignInAt }) =>
                  lastSignInAt ? <Moment at={lastSignInAt} /> : <span className="muted">{texts.notUsed}</span>,
              },
              {
                title: texts.makeLink,
                isTitleHidden: true,
                cell: (member) => (
                  <Button
                    size="small"
                    look="quiet"
                    icon={<Link2 />}
                    onPress={() => setLinking(member)}
                    aria-label={`${texts.makeLink}, ${member.name}`}
                  >
                    {texts.makeLink}
                  </Button>
                ),
              },
              {
                title: texts.remove,
                isTitleHidden: true,
                isNumber: true,
                cell: (member) => (
                  <Button
                    size="small"
                    look="quiet"
                    onPress={() => setRemoving(member)}
                    aria-label={`${texts.remove} ${member.name}`}
                  >
                    {texts.remove}
                  </Button>
                ),
              },
            ]}
          />
        )}
        {members.hasNextPage && (
          <Button look="quiet" onPress={() => void members.fetchNextPage()}>
            {t.common.more}
          </Button>
        )}
      </Panel>
      <AddMember isOpen={isAdding} onClose={() => setIsAdding(false)} onAdded={setLinking} />
      {linking && <MakeLink member={linking} onClose={() => setLinking(undefined)} />}
      <RemoveMember member={removing} onClose={() => setRemoving(undefined)} />
    </>
  );
}

function waysOf({ isLinked, hasPassword }: Member): string {
  const ways = [isLinked && texts.ways.provider, hasPassword && texts.ways.password].filter(Boolean);
  return ways.length > 0 ? ways.join(', ') : texts.ways.none;
}

/** A change is taken back by another; so nobody is asked whether they are sure. */
function MemberRole({ member: { id, name, role, roleFrom } }: { member: Member }) {
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: (next: Role) =>
      api.PATCH('/api/v1/members/{member}', { params: { path: { member: id } }, body: { role: next } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: membersQuery.queryKey }),
    onError: (error) => sayProblem(problemFrom(error)),
  });
  if (roleFrom !== null)
    return (
      <>
        {t.shell.roles[role]} <span className="muted">{texts.roleFrom(roleFrom)}</span>
      </>
    );
  return (
    <Select
      look="bare"
      label={texts.changeRole(name)}
      value={role}
      options={roles}
      onChange={(next) => change.mutate(next as Role)}
    />
  );
}

const memberFields = { member_exists: 'email' } as const;

/** `onAdded`: told of who was added, where their link is asked for at once. */
function AddMember({
  isOpen,
  onClose,
  onAdded,
}: {
  isOpen: boolean;
  onClose: () => void;
  onAdded: (member: Member) => void;
}) {
  const cache = useQueryClient();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const add = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/members', { body: { email: email.trim(), name: name.trim(), role } })),
    onSuccess: async (member) => {
      setEmail('');
      setName('');
      onClose();
      say(texts.memberAdded(member.name), { next: { text: texts.makeLink, onChoose: () => onAdded(member) } });
      await cache.invalidateQueries({ queryKey: membersQuery.queryKey });
    },
  });
  return (
    <Dialog
      title={texts.newMember}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button
          look="primary"
          isDisabled={!name.trim() || !email.trim()}
          isPending={add.isPending}
          onPress={() => add.mutate()}
        >
          {texts.add}
        </Button>
      }
    >
      <ProblemFields error={add.error} fieldOf={memberFields}>
        <div className={layout.stack}>
          <TextField
            label={t.signIn.email}
            name="email"
            type="email"
            value={email}
            onChange={setEmail}
            isRequired
            autoFocus
          />
          <TextField label={texts.name} name="name" value={name} onChange={setName} isRequired maxLength={100} />
          <RoleChoice value={role} onChange={setRole} />
          <FormProblem />
        </div>
      </ProblemFields>
    </Dialog>
  );
}

function MakeLink({ member: { email, name }, onClose }: { member: Member; onClose: () => void }) {
  const make = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/sign-in-links', { body: { email, minutes: 15 } })),
  });
  return (
    <Dialog
      title={make.data ? texts.linkTitle : `${texts.makeLink}, ${name}`}
      isOpen
      isKept={make.data !== undefined}
      onClose={onClose}
      footer={
        !make.data && (
          <Button look="primary" isPending={make.isPending} onPress={() => make.mutate()}>
            {texts.makeLink}
          </Button>
        )
      }
    >
      {make.data ? (
        <ShownOnce text={window.location.origin + make.data.path} warning={texts.linkText} />
      ) : (
        <p>{texts.linkText}</p>
      )}
      {make.error && <ProblemView error={make.error} isSmall />}
    </Dialog>
  );
}

function RemoveMember({ member, onClose }: { member: Member | undefined; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/v1/members/{member}', { params: { path: { member: id } } }),
    onSuccess: async () => {
      onClose();
      say(texts.removed);
      await cache.invalidateQueries({ queryKey: membersQuery.queryKey });
    },
    onError: (error) => sayProblem(problemFrom(error)),
  });
  return (
    <Dialog
      title={texts.removeTitle(member?.name ?? '')}
      isOpen={member !== undefined}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button look="danger" isPending={remove.isPending} onPress={() => member && remove.mutate(member.id)}>
            {texts.remove}
          </Button>
        </>
      }
    >
      <p>{texts.removeText}</p>
    </Dialog>
  );
}
