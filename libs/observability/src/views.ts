/**
 * What is kept of each metric that our libs measure: the attributes that become its labels, by OpenTelemetry's semantic
 * conventions. What is not named here is dropped, so that no label grows with the workspaces, the people or the runs.
 * Left out on purpose, though the conventions have it: `server.address`, of which Okta has one for each org and NATS and
 * MongoDB one for each of their members; where a figure is about one org, it has it.
 */
const messaging = [
  'messaging.system.name',
  'messaging.operation.name',
  'messaging.operation.type',
  'messaging.destination.name',
  'messaging.destination.template',
  'messaging.consumer.group.name',
  'error.type',
];
const call = ['http.request.method', 'url.template', 'http.response.status_code', 'okta.bucket', 'error.type'];

export const views: Record<string, readonly string[]> = {
  'http.server.request.duration': [
    'http.request.method',
    'http.route',
    'http.response.status_code',
    'url.scheme',
    'error.type',
  ],
  'http.client.request.duration': call,
  'http.client.response.body.size': call,
  'messaging.client.operation.duration': messaging,
  'messaging.process.duration': [...messaging, 'seatwise.outcome'],
  'db.client.operation.duration': [
    'db.system.name',
    'db.namespace',
    'db.collection.name',
    'db.operation.name',
    'error.type',
  ],
  'okta.wait': ['okta.bucket'],
  'okta.budget.remaining': ['server.address', 'okta.bucket'],
  'okta.budget.limit': ['server.address', 'okta.bucket'],
  'outbox.delay': [],
  'outbox.pending': [],
};
