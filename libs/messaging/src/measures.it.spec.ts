import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { event, eventEntry, newId, Refusal, request } from '@seatwise/contracts';
import { exposition, startTelemetry } from '@seatwise/observability';
import { testServers } from '@seatwise/testing';
import { IsInt } from 'class-validator';

// Meters are taken while modules load, as in a service.
await startTelemetry('test');
const { Bus, Consumes, Handles, MessagingModule, Streams, TryLater } = await import('./index.js');

class CountV1 {
  @IsInt()
  n!: number;
}
const ask = request('measured.ask', CountV1, CountV1, { timeoutMs: 2_000 });
const unanswered = request('measured.unanswered', CountV1, CountV1, { timeoutMs: 500 });
const measured = event('measured.counted', 1, CountV1);
const durable = 'measured-counts';

class Participant {
  @Handles(ask)
  answer({ n }: CountV1): Promise<CountV1> {
    if (n < 0) throw new Refusal('person_not_found', 'Nobody.');
    return Promise.resolve({ n });
  }

  /** Takes what is even, is not ready for 1 at first, and stumbles over 3. */
  @Consumes(measured, { stream: 'EVENTS', durable, concurrency: 1, ackWaitMs: 2_000, maxFailures: 2 })
  async count({ n }: CountV1, { delivery }: { delivery: number }): Promise<void> {
    if (n === 1 && delivery === 1) throw new TryLater(1);
    if (n === 3) throw new RangeError('three');
  }
}

const rpc = (subject: string) => `messaging_destination_name="seatwise.rpc.${subject}"`;

/** The samples of a metric, as `labels value`. */
async function samples(name: string): Promise<string[]> {
  const { text } = await exposition();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}
const until = async (name: string, fits: (found: string[]) => boolean): Promise<string[]> => {
  for (;;) {
    const found = await samples(name);
    if (fits(found)) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

it('messages are measured by where they go and what came of them, and by nothing of whose they are', async () => {
  const { natsUrl } = await testServers();
  @Module({ imports: [MessagingModule.forRoot({ servers: natsUrl, name: 'measured' })], providers: [Participant] })
  class TestModule {}
  const app = await NestFactory.createApplicationContext(TestModule, { logger: false });
  const [bus, streams] = [app.get(Bus), app.get(Streams)];
  await bus.request(ask, { n: 1 });
  await bus.request(ask, { n: -1 }).catch(() => undefined);
  await bus.request(unanswered, { n: 1 }).catch(() => undefined);
  const published = [0, 1, 2, 3].map((n) => ({ n, workspace: newId('ws') }));
  for (const { n, workspace } of published)
    await streams.publishEntry({
      ...eventEntry(measured, workspace, { n }),
      id: newId('evt'),
      createdAt: new Date(),
    });
  const template = 'messaging_destination_template="seatwise.v1.{workspace}.measured.counted"';
  const processed = `messaging_operation_name="process",messaging_operation_type="process",${template},messaging_consumer_group_name="${durable}"`;
  const process = 'messaging_process_duration_seconds_count';
  const found = await until(process, (lines) => lines.some((line) => line.includes('"parked"')));
  const outcomes = found.filter((line) => line.includes(processed));
  const cameOf = (outcome: string, error = '') =>
    outcomes
      .find((line) => line.includes(`seatwise_outcome="${outcome}"`) && line.includes(error))
      ?.split(' ')
      .at(-1);
  expect(cameOf('done')).toBe('3');
  expect(cameOf('later')).toBe('1');
  expect(cameOf('retried', 'error_type="RangeError"')).toBe('1');
  expect(cameOf('parked', 'error_type="RangeError"')).toBe('1');

  const sent = await samples('messaging_client_operation_duration_seconds_count');
  const countOf = (...parts: string[]) =>
    sent.filter((line) => parts.every((part) => line.includes(part))).map((line) => line.split(' ').at(-1));
  expect(countOf('"publish"', template)).toEqual(['4']);
  expect(countOf('"request"', rpc('measured.ask'))).toEqual(['1', '1']);
  expect(countOf('"request"', rpc('measured.ask'), 'error_type="person_not_found"')).toEqual(['1']);
  expect(countOf('"request"', rpc('measured.unanswered'), 'error_type="service_unavailable"')).toEqual(['1']);
  const { text } = await exposition();
  expect(text).toMatch(/^outbox_delay_seconds_count 4$/m);
  expect(
    await until('stream_pending_messages', (lines) => lines.join('').endsWith(`durable="${durable}"} 0`)),
  ).toHaveLength(1);
  expect(published.filter(({ workspace }) => text.includes(workspace))).toEqual([]);
  await app.close();
});
