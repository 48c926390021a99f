import { askedBy, askedOfPrometheus } from './promql.js';

it('what is asked of Prometheus is read out of an expression', () => {
  expect(
    askedBy(
      'histogram_quantile(0.9, sum by (le, job) (rate(took_seconds_bucket{route=~"/a/{b}.*",ok!="1"}[$__rate_interval]))) / ignoring (kind) group_left () sum(up) > 0.5 and max(left{}) < 1e3',
    ),
  ).toMatchObject({ metrics: ['took_seconds_bucket', 'up', 'left'], labels: ['le', 'job', 'kind', 'route', 'ok'] });
});

it('something is asked of it', () => {
  const asked = askedOfPrometheus();
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter(({ metrics }) => metrics.length === 0)).toEqual([]);
});
