import { createServer, type Server } from 'node:net';
import { freePort } from './ports.js';

describe('a free port', () => {
  let taken: Server;
  let port: number;
  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    port = (taken.address() as { port: number }).port;
  });
  afterAll(() => taken.close());

  it('is the next one after those that are taken or promised, and the line says so', async () => {
    const said: string[] = [];
    const next = await freePort(port, { say: (line) => said.push(line), what: 'gateway' });
    expect(next).toBeGreaterThan(port);
    expect(said).toEqual([`gateway     port ${port} is taken: using ${next}`]);
    await freePort(port, { say: (line) => said.push(line), what: 'okta-simulator' });
    expect(said[1]).toMatch(/^okta-simulator port \d/);
    expect(await freePort(port, { except: [next] })).toBeGreaterThan(next);
  });
});
