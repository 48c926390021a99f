import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { webhooksQuery } from '../api/queries';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { Checkbox, TextField } from '../ui/Field';
import { FormProblem, ProblemFields } from '../ui/FormProblem';
import layout from '../ui/layout.module.css';
import { Dialog } from '../ui/Overlay';
import { say } from '../ui/Toasts';
import styles from './settings.module.css';
import { ShownOnce } from './ShownOnce';

type EventName = Schemas['WebhookChoice']['events'][number];

const texts = t.webhooks;
/** The compiler holds it to the API: each type is in one group. */
const groupOf: Record<EventName, keyof typeof texts.groups> = {
  'connection.connected': 'connection',
  'connection.changed': 'connection',
  'connection.removed': 'connection',
  'sync-run.changed': 'connection',
  'person.changed': 'directory',
  'group.changed': 'directory',
  'membership.changed': 'directory',
  'app.changed': 'directory',
  'assignment.changed': 'directory',
  'group-assignment.changed': 'directory',
  'directory.complete': 'directory',
  'sign-ins.recorded': 'directory',
  'usage-day.changed': 'directory',
  'action.requested': 'action',
  'action.done': 'action',
  'action.refused': 'action',
  'action.failed': 'action',
  'action.unknown': 'action',
  'bulk.waiting_for_approval': 'bulk',
  'bulk.started': 'bulk',
  'bulk.paused': 'bulk',
  'bulk.resumed': 'bulk',
  'bulk.stopped': 'bulk',
  'bulk.cancelled': 'bulk',
  'bulk.done': 'bulk',
  'webhook.disabled': 'webhook',
};
const groups = Object.entries(Object.groupBy(Object.keys(groupOf) as EventName[], (name) => groupOf[name]));

const fieldOf = { invalid_webhook_url: 'url' } as const;

/** A new webhook, whose secret is shown when it is there, or another address, name and choice for one that is. */
export function WebhookForm({ webhook, onClose }: { webhook: Schemas['Webhook'] | undefined; onClose: () => void }) {
  const cache = useQueryClient();
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [events, setEvents] = useState<ReadonlySet<EventName>>(new Set(webhook?.events));
  const body = { url: url.trim(), description: description.trim(), events: [...events] };
  const kept = () => cache.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  const make = useMutation({ mutationFn: () => bodyOf(api.POST('/api/v1/webhooks', { body })), onSuccess: kept });
  const change = useMutation({
    mutationFn: (id: string) =>
      bodyOf(api.PATCH('/api/v1/webhooks/{webhook}', { params: { path: { webhook: id } }, body })),
    onSuccess: () => {
      onClose();
      say(texts.saved);
      return kept();
    },
  });
  const secret = make.data?.secret;
  const error = make.error ?? change.error;
  return (
    <Dialog
      title={secret ? texts.made : webhook ? texts.edit : texts.add}
      isOpen
      isKept={secret !== undefined}
      shape={secret ? 'window' : 'wide'}
      onClose={onClose}
      footer={
        !secret && (
          <Button
            look="primary"
            isDisabled={!body.url || events.size === 0}
            isPending={make.isPending || change.isPending}
            onPress={() => (webhook ? change.mutate(webhook.id) : make.mutate())}
          >
            {webhook ? t.common.save : texts.add}
          </Button>
        )
      }
    >
      {secret ? (
        <ShownOnce text={secret} warning={texts.secretOnce} />
      ) : (
        <ProblemFields error={error} fieldOf={fieldOf}>
          <div className={layout.stack}>
            <TextField
              label={texts.url}
              name="url"
              help={texts.urlHelp}
              value={url}
              onChange={setUrl}
              type="url"
              isRequired
              autoFocus
              maxLength={2_000}
            />
            <TextField
              label={texts.description}
              name="description"
              value={description}
              onChange={setDescription}
              maxLength={200}
            />
            <Choice chosen={events} onChange={setEvents} />
            <FormProblem />
          </div>
        </ProblemFields>
      )}
    </Dialog>
  );
}

function Choice({
  chosen,
  onChange,
}: {
  chosen: ReadonlySet<EventName>;
  onChange: (chosen: ReadonlySet<EventName>) => void;
}) {
  const put = (names: EventName[], on: boolean) => {
    const next = new Set(chosen);
    for (const name of names) {
      if (on) next.add(name);
      else next.delete(name);
    }
    onChange(next);
  };
  return (
    <div className={layout.stack}>
      <h3>{texts.chooseEvents}</h3>
      {groups.map(([group, names]) => {
        const title = texts.groups[group as keyof typeof texts.groups];
        const on = names.filter((name) => chosen.has(name)).length;
        return (
          <fieldset key={group} className={styles.choice}>
            <legend className="visually-hidden">{title}</legend>
            <Checkbox
              label={texts.allOf(title)}
              isSelected={on === names.length}
              isIndeterminate={on > 0 && on < names.length}
              onChange={(all) => put(names, all)}
            >
              <strong>{title}</strong>
            </Checkbox>
            <div className={styles.choices}>
              {names.map((name) => (
                <Checkbox key={name} isSelected={chosen.has(name)} onChange={(is) => put([name], is)}>
                  {texts.events[name]}
                </Checkbox>
              ))}
            </div>
          </fieldset>
        );
      })}
    </div>
  );
}
