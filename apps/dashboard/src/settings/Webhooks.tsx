import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Ellipsis, KeyRound, Pencil, Plus, Power, Send, Trash2, Webhook as Icon } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { webhooksQuery } from '../api/queries';
import { exactly } from '../format';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { Button, IconButton } from '../ui/Button';
import layout from '../ui/layout.module.css';
import { Menu } from '../ui/Menu';
import { Dialog } from '../ui/Overlay';
import { Badge, Notice, Panel } from '../ui/Parts';
import { Sheet } from '../ui/Sheet';
import { Empty, NotAllowed, ProblemView, Skeleton } from '../ui/States';
import { say, sayProblem } from '../ui/Toasts';
import { Deliveries } from './Deliveries';
import styles from './settings.module.css';
import { ShownOnce } from './ShownOnce';
import { WebhookForm } from './WebhookForm';

export type Webhook = Schemas['Webhook'];

const route = getRouteApi('/settings');
const texts = t.webhooks;
const onError = (error: Error) => sayProblem(problemFrom(error));

/** What a person calls it: its description, or else where it is. */
const nameOf = ({ description, url }: Webhook): string => description || new URL(url).host;

/** Where events are sent, what became of them, and how to send them once more. */
export function Webhooks() {
  const isAdmin = useMay('admin');
  return isAdmin ? <WebhookList /> : <NotAllowed needs={texts.denied} />;
}

type Asked = { what: 'add' } | { what: 'edit' | 'rotate' | 'remove'; webhook: Webhook };

function WebhookList() {
  const webhooks = useQuery(webhooksQuery);
  const { webhook: shownId } = route.useSearch();
  const navigate = route.useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const all = webhooks.data ?? [];
  const shown = all.find(({ id }) => id === shownId);
  const show = (webhook: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, webhook }), replace: true });
  const close = () => setAsked(undefined);
  return (
    <>
      <p className="muted">{texts.lead}</p>
      {all
        .filter(({ offBecause }) => offBecause === 'gone' || offBecause === 'failing')
        .map((webhook) => (
          <Notice key={webhook.id} tone="bad" title={`${nameOf(webhook)}: ${texts.off[webhook.offBecause!]}`}>
            {texts.offWhy[webhook.offBecause!]}
          </Notice>
        ))}
      <Panel
        title={t.settings.tabs.webhooks}
        isFlush
        aside={
          <Button icon={<Plus />} size="small" onPress={() => setAsked({ what: 'add' })}>
            {texts.add}
          </Button>
        }
      >
        {webhooks.isError ? (
          <ProblemView error={webhooks.error} onRetry={() => void webhooks.refetch()} />
        ) : webhooks.isPending ? (
          <Skeleton lines={4} />
        ) : all.length === 0 ? (
          <Empty icon={<Icon aria-hidden />} title={texts.none}>
            {texts.noneText}
          </Empty>
        ) : (
          <Sheet<Webhook>
            label={t.settings.tabs.webhooks}
            rows={all}
            keyOf={({ id }) => id}
            columns={[
              {
                title: texts.columns.webhook,
                cell: (webhook) => (
                  <>
                    <strong className={styles.name}>{nameOf(webhook)}</strong>{' '}
                    <span className={styles.address}>{webhook.url}</span>
                  </>
                ),
              },
              { title: texts.columns.state, cell: (webhook) => <WebhookState webhook={webhook} /> },
              { title: texts.columns.events, cell: ({ events }) => texts.types(events.length) },
              { title: texts.columns.due, isNumber: true, cell: ({ due }) => texts.count(due) },
              { title: texts.columns.parked, isNumber: true, cell: ({ parked }) => texts.count(parked) },
              {
                title: texts.show,
                isTitleHidden: true,
                cell: (webhook) => (
                  <Button
                    size="small"
                    look="quiet"
                    onPress={() => show(webhook.id === shownId ? undefined : webhook.id)}
                    aria-label={`${texts.show}, ${nameOf(webhook)}`}
                  >
                    {texts.show}
                  </Button>
                ),
              },
              {
                title: texts.more(''),
                isTitleHidden: true,
                isNumber: true,
                cell: (webhook) => <WebhookMenu webhook={webhook} onAsk={setAsked} onShow={() => show(webhook.id)} />,
              },
            ]}
          />
        )}
      </Panel>
      {shown && <Deliveries key={shown.id} webhook={shown} name={nameOf(shown)} />}
      {(asked?.what === 'add' || asked?.what === 'edit') && (
        <WebhookForm webhook={asked.what === 'edit' ? asked.webhook : undefined} onClose={close} />
      )}
      {asked?.what === 'rotate' && <Rotate webhook={asked.webhook} onClose={close} />}
      {asked?.what === 'remove' && <Remove webhook={asked.webhook} onClose={close} onRemoved={() => show(undefined)} />}
    </>
  );
}

function WebhookState({ webhook: { offBecause, failingSince, oldSecretUntil } }: { webhook: Webhook }) {
  if (offBecause)
    return (
      <Badge tone={offBecause === 'by_hand' ? 'plain' : 'bad'} hint={texts.offWhy[offBecause]}>
        {texts.off[offBecause]}
      </Badge>
    );
  if (failingSince)
    return (
      <Badge tone="warn" hint={texts.failingSince(exactly(failingSince))}>
        {texts.failing}
      </Badge>
    );
  return (
    <Badge tone="good" {...(oldSecretUntil && { hint: texts.oldSecret(exactly(oldSecretUntil)) })}>
      {texts.on}
    </Badge>
  );
}

function WebhookMenu({
  webhook,
  onAsk,
  onShow,
}: {
  webhook: Webhook;
  onAsk: (asked: Asked) => void;
  onShow: () => void;
}) {
  const cache = useQueryClient();
  const path = { params: { path: { webhook: webhook.id } } };
  const done = (text: string) => {
    say(text);
    return cache.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  };
  const test = useMutation({
    mutationFn: () => bodyOf(api.POST('/api/v1/webhooks/{webhook}/test', path)),
    onSuccess: () => {
      onShow();
      return done(texts.tested);
    },
    onError,
  });
  const turn = useMutation({
    mutationFn: (enabled: boolean) => bodyOf(api.PATCH('/api/v1/webhooks/{webhook}', { ...path, body: { enabled } })),
    onSuccess: () => done(texts.saved),
    onError,
  });
  return (
    <Menu
      label={texts.more(nameOf(webhook))}
      trigger={<IconButton label={texts.more(nameOf(webhook))} icon={<Ellipsis />} size="small" />}
      choices={[
        {
          id: 'test',
          text: texts.test,
          icon: <Send aria-hidden />,
          isDisabled: !webhook.enabled,
          onChoose: () => test.mutate(),
        },
        {
          id: 'edit',
          text: texts.edit,
          icon: <Pencil aria-hidden />,
          onChoose: () => onAsk({ what: 'edit', webhook }),
        },
        {
          id: 'rotate',
          text: texts.rotate,
          icon: <KeyRound aria-hidden />,
          onChoose: () => onAsk({ what: 'rotate', webhook }),
        },
        {
          id: 'turn',
          text: webhook.enabled ? texts.switchOff : texts.switchOn,
          icon: <Power aria-hidden />,
          onChoose: () => turn.mutate(!webhook.enabled),
        },
        null,
        {
          id: 'remove',
          text: texts.remove,
          icon: <Trash2 aria-hidden />,
          isDangerous: true,
          onChoose: () => onAsk({ what: 'remove', webhook }),
        },
      ]}
    />
  );
}

function Rotate({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const cache = useQueryClient();
  const rotate = useMutation({
    mutationFn: () =>
      bodyOf(api.POST('/api/v1/webhooks/{webhook}/secret', { params: { path: { webhook: webhook.id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: webhooksQuery.queryKey }),
  });
  const secret = rotate.data?.secret;
  return (
    <Dialog
      title={secret ? texts.made : texts.rotate}
      isOpen
      isKept={secret !== undefined}
      onClose={onClose}
      footer={
        !secret && (
          <Button look="primary" isPending={rotate.isPending} onPress={() => rotate.mutate()}>
            {texts.rotate}
          </Button>
        )
      }
    >
      {secret ? (
        <ShownOnce text={secret} warning={texts.secretOnce} />
      ) : (
        <div className={layout.stack}>
          <p>{texts.rotateText}</p>
          {rotate.error && <ProblemView error={rotate.error} isSmall />}
        </div>
      )}
    </Dialog>
  );
}

function Remove({ webhook, onClose, onRemoved }: { webhook: Webhook; onClose: () => void; onRemoved: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/webhooks/{webhook}', { params: { path: { webhook: webhook.id } } }),
    onSuccess: async () => {
      onClose();
      onRemoved();
      say(texts.removed);
      await cache.invalidateQueries({ queryKey: webhooksQuery.queryKey });
    },
    onError,
  });
  return (
    <Dialog
      title={texts.removeTitle(nameOf(webhook))}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button look="danger" isPending={remove.isPending} onPress={() => remove.mutate()}>
            {texts.remove}
          </Button>
        </>
      }
    >
      <p>{texts.removeText}</p>
    </Dialog>
  );
}
