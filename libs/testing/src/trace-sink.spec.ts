import { startTraceSink } from './trace-sink.js';

const body = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gateway' } }] },
      scopeSpans: [
        {
          spans: [
            { traceId: 'aa', spanId: '01', name: 'GET', kind: 2, startTimeUnixNano: '7', parentSpanId: '' },
            {
              traceId: 'aa',
              spanId: '02',
              parentSpanId: '01',
              name: 'find',
              kind: 3,
              startTimeUnixNano: '8',
              attributes: [{ key: 'pages', value: { intValue: '3' } }],
            },
          ],
        },
      ],
    },
  ],
};

it('the trace sink keeps each span that arrives, and answers what is none as a collector would', async () => {
  const sink = await startTraceSink();
  const post = async (path: string, sent: string, type = 'application/json') =>
    (await fetch(`${sink.url}${path}`, { method: 'POST', body: sent, headers: { 'content-type': type } })).status;
  expect(await post('/v1/traces', JSON.stringify(body))).toBe(200);
  expect(await post('/v1/traces', 'nonsense')).toBe(400);
  expect(await post('/v1/traces', 'protobuf', 'application/x-protobuf')).toBe(415);
  expect(await post('/v1/metrics', '{}')).toBe(404);
  expect(sink.spans()).toEqual([
    {
      traceId: 'aa',
      spanId: '01',
      parentSpanId: undefined,
      name: 'GET',
      kind: 2,
      startedAt: 7n,
      service: 'gateway',
      attributes: {},
    },
    {
      traceId: 'aa',
      spanId: '02',
      parentSpanId: '01',
      name: 'find',
      kind: 3,
      startedAt: 8n,
      service: 'gateway',
      attributes: { pages: '3' },
    },
  ]);
  await sink.close();
});
