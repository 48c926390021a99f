import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw, Send } from 'lucide-react';
import { useState } from 'react';
import { api, bodyOf, type Schemas } from '../api/client';
import { problemFrom } from '../api/problem';
import { deliveriesQuery, webhooksQuery, type DeliveryState } from '../api/queries';
import { t } from '../texts';
import { Button } from '../ui/Button';
import layout from '../ui/layout.module.css';
import { Badge, Moment, Panel } from '../ui/Parts';
import { Select } from '../ui/Select';
import { Sheet } from '../ui/Sheet';
import { Empty, ProblemView, Skeleton } from '../ui/States';
import { say, sayProblem } from '../ui/Toasts';
import { Trace } from '../ui/Trace';

type Delivery = Schemas['Delivery'];

const texts = t.webhooks;
const onError = (error: Error) => sayProblem(problemFrom(error));
const tones = { due: 'info', delivered: 'good', parked: 'bad' } as const;
const anyState = 'any';
const states = [
  { id: anyState, text: texts.anyState },
  ...(['due', 'delivered', 'parked'] as const).map((id) => ({ id, text: texts.states[id] })),
];

/** What was sent to a webhook, or waits to be, and what came of it. */
export function Deliveries({ webhook, name }: { webhook: Schemas['Webhook']; name: string }) {
  const cache = useQueryClient();
  const [state, setState] = useState<DeliveryState>();
  const deliveries = useInfiniteQuery(deliveriesQuery(webhook.id, state));
  const all = deliveries.data?.pages.flatMap((page) => page.deliveries) ?? [];
  const done = (text: string) => {
    say(text);
    return cache.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  };
  const replay = useMutation({
    mutationFn: (event: string) =>
      bodyOf(
        api.POST('/api/v1/webhooks/{webhook}/deliveries/{event}/replay', {
          params: { path: { webhook: webhook.id, event } },
        }),
      ),
    onSuccess: () => done(texts.replayed),
    onError,
  });
  const replayParked = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/webhooks/{webhook}/deliveries/replay', {
          params: { path: { webhook: webhook.id } },
          body: {},
        }),
      ),
    onSuccess: ({ deliveries: count }) => done(texts.replayedMany(count)),
    onError,
  });
  return (
    <Panel
      title={texts.deliveriesOf(name)}
      isFlush
      aside={
        <div className={layout.buttons}>
          <Select
            label={texts.state}
            look="bare"
            value={state ?? anyState}
            options={states}
            onChange={(chosen) => setState(chosen === anyState ? undefined : (chosen as DeliveryState))}
          />
          <Button
            size="small"
            icon={<RotateCw />}
            isDisabled={!webhook.enabled || webhook.parked === 0}
            isPending={replayParked.isPending}
            onPress={() => replayParked.mutate()}
          >
            {texts.replayParked}
          </Button>
        </div>
      }
    >
      {deliveries.isError ? (
        <ProblemView error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      ) : deliveries.isPending ? (
        <Skeleton lines={4} />
      ) : all.length === 0 ? (
        <Empty icon={<Send aria-hidden />} title={state ? texts.noneFit : texts.noDelivery} isSmall>
          {!state && texts.noDeliveryText}
        </Empty>
      ) : (
        <Sheet<Delivery>
          label={texts.deliveriesOf(name)}
          rows={all}
          keyOf={({ event }) => event}
          columns={[
            { title: texts.deliveryColumns.event, cell: ({ type }) => wordsOf(type) },
            {
              title: texts.deliveryColumns.state,
              cell: (delivery) => <Badge tone={tones[delivery.state]}>{texts.states[delivery.state]}</Badge>,
            },
            { title: texts.deliveryColumns.came, cell: ({ createdAt }) => <Moment at={createdAt} /> },
            { title: texts.deliveryColumns.attempts, cell: ({ attempts }) => attempts > 0 && texts.times(attempts) },
            {
              title: texts.deliveryColumns.last,
              isLong: true,
              cell: ({ lastError, lastStatus }) => lastError ?? (lastStatus !== null && texts.answered(lastStatus)),
            },
            { title: texts.deliveryColumns.next, cell: ({ nextAttemptAt }) => <Moment at={nextAttemptAt} /> },
            { title: texts.deliveryColumns.trace, cell: ({ traceId }) => <Trace id={traceId} /> },
            {
              title: texts.replay,
              isTitleHidden: true,
              isNumber: true,
              cell: ({ event, state: now, type }) =>
                now !== 'due' && (
                  <Button
                    size="small"
                    look="quiet"
                    isDisabled={!webhook.enabled}
                    onPress={() => replay.mutate(event)}
                    aria-label={texts.replayOf(wordsOf(type))}
                  >
                    {texts.replay}
                  </Button>
                ),
            },
          ]}
        />
      )}
      {deliveries.hasNextPage && (
        <Button look="quiet" onPress={() => void deliveries.fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </Panel>
  );
}

/** A newer version may have sent what this page has no words for. */
const wordsOf = (type: string): string => (texts.events as Record<string, string>)[type] ?? type;
