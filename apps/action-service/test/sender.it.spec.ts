import type { LookupFunction } from 'node:net';
import { Sender } from '../src/webhooks/sender.js';
import { Receiver } from './receiver.js';

const policy = { ports: [443], allowHttpOnLoopback: true };

describe('sending to a receiver', () => {
  let receiver: Receiver;
  let hidden: Receiver;
  beforeAll(async () => {
    [receiver, hidden] = await Promise.all([Receiver.start(), Receiver.start()]);
  });
  afterAll(() => Promise.all([receiver.stop(), hidden.stop()]));

  it.each([
    ['127.0.0.1'],
    ['169.254.169.254'],
    ['10.1.2.3'],
    ['::1'],
    ['::ffff:10.0.0.1'],
    ['fd00::1'],
    // A public one beside makes it no better: which is connected to would be chance.
    ['8.8.8.8', '10.0.0.1'],
  ])('connects to no host whose name leads to %s', async (...addresses) => {
    const lookup: LookupFunction = (_host, _options, callback) =>
      (callback as unknown as (error: null, all: object[]) => void)(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    const sender = new Sender({ policy, timeoutMs: 2_000, lookup });
    expect(await sender.send('https://hooks.acme.example/', '{}', {})).toEqual({
      status: null,
      error: 'The host has an address that is not public, so it is not connected to.',
      retryAfterMs: 0,
    });
    await sender.close();
  });

  it('follows no redirect, and tells nothing of what was answered', async () => {
    receiver.say = () => [307, { location: `${hidden.url}/latest/meta-data` }];
    const sender = new Sender({ policy, timeoutMs: 2_000 });
    const answer = await sender.send(`${receiver.url}/here`, '{}', {});
    expect(answer).toMatchObject({ status: 307, error: expect.stringContaining('never followed') });
    expect(receiver.at('/here')).toHaveLength(1);
    expect(hidden.received).toEqual([]);
    await sender.close();
  });

  it('sends to no address that was taken under other settings', async () => {
    const sender = new Sender({ policy: { ...policy, allowHttpOnLoopback: false }, timeoutMs: 2_000 });
    await expect(sender.send(receiver.url, '{}', {})).rejects.toMatchObject({ code: 'invalid_webhook_url' });
    await sender.close();
  });
});
