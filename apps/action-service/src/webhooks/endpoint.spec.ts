import { endpointOf } from './endpoint.js';

const policy = { ports: [443, 8443], allowHttpOnLoopback: false };
const lenient = { ...policy, allowHttpOnLoopback: true };

describe('the address of a receiver', () => {
  it.each([
    ['https://hooks.acme.example/seatwise?token=1', 'https://hooks.acme.example/seatwise?token=1'],
    [' https://HOOKS.acme.example#part ', 'https://hooks.acme.example/'],
    ['https://hooks.acme.example:8443/', 'https://hooks.acme.example:8443/'],
  ])('%s is %s', (given, taken) => {
    expect(endpointOf(given, policy).href).toBe(taken);
  });

  it.each(['http://127.0.0.1:9000/', 'http://localhost:9000/', 'http://[::1]:9000/'])(
    '%s is one where the settings allow it, and elsewhere none',
    (given) => {
      expect(endpointOf(given, lenient).href).toBe(given);
      expect(() => endpointOf(given, policy)).toThrow(/must begin with https/);
    },
  );

  it.each([
    '',
    'hooks.acme.example',
    'http://hooks.acme.example',
    'ftp://hooks.acme.example',
    'javascript:alert(1)',
    'https://user:password@hooks.acme.example',
    'https://hooks.acme.example:22',
    'https://127.0.0.1',
    'https://2130706433',
    'https://0x7f.1',
    'https://10.0.0.1',
    'https://169.254.169.254/latest/meta-data',
    'https://8.8.8.8',
    'https://[::1]',
    'https://[::ffff:10.0.0.1]',
    'https://localhost',
    'https://mongodb',
    'https://metadata.google.internal',
    'https://printer.local.',
    'http://10.0.0.1',
    'http://127.0.0.1.nip.io:9000',
    'http://user@127.0.0.1:9000',
  ])('%s is refused, also where http on this machine is allowed', (given) => {
    for (const one of [policy, lenient])
      expect(() => endpointOf(given, one)).toThrow(expect.objectContaining({ code: 'invalid_webhook_url' }));
  });
});
