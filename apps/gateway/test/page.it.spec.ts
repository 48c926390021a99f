import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { get } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { openDoor, type Door } from './open-door.js';

/** The bytes as they are sent, which fetch would unpack. */
const raw = (url: string, encoding: string) =>
  new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
    get(url, { agent: false, headers: { 'accept-encoding': encoding } }, (response) => {
      buffer(response).then((body) => resolve({ encoding: response.headers['content-encoding'], body }), reject);
    }).on('error', reject);
  });

describe('the dashboard at the door', () => {
  let door: Door;
  const html = { accept: 'text/html,*/*;q=0.8' };

  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it('is the same page at every address that is not the API’s', async () => {
    const page = await door.ask({ path: '/', headers: html });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': expect.stringContaining('text/html') as string,
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    for (const path of ['/people?status=ACTIVE', '/apps/con_1/0oa1', '/sign-in'])
      expect(await door.ask({ path, headers: html })).toMatchObject({ status: 200, text: page.text });
  });

  it('lets nothing inline run or be loaded from elsewhere, and has nothing inline', async () => {
    const { headers, text } = await door.ask({ path: '/people', headers: html });
    const policy = headers['content-security-policy']!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/<style|style="|<script(?![^>]*src=)/);
    for (const [, link] of text.matchAll(/(?:src|href)="([^"]+)"/g)) expect(link).toMatch(/^\/assets\//);
  });

  it('gives its files for ever, as compressed as whoever asks can read them', async () => {
    const { text } = await door.ask({ path: '/', headers: html });
    const path = /src="(\/assets\/[^"]+\.js)"/.exec(text)![1]!;
    const plain = await door.ask({ path });
    expect(plain.status).toBe(200);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(plain.headers['content-type']).toContain('javascript');
    const [br, gzip] = [await raw(door.url + path, 'br, gzip'), await raw(door.url + path, 'gzip')];
    expect([br.encoding, gzip.encoding]).toEqual(['br', 'gzip']);
    expect(brotliDecompressSync(br.body).toString()).toBe(plain.text);
    expect(gunzipSync(gzip.body).toString()).toBe(plain.text);
  });

  it('leaves to the API what is the API’s: problems stay problems', async () => {
    const problem = { status: 404, json: { code: 'not_found' } };
    for (const path of ['/api', '/api/v1/nothing', '/assets/gone.js', '/favicon.ico'])
      expect(await door.ask({ path, headers: html })).toMatchObject(problem);
    expect(await door.ask({ path: '/people', headers: { accept: 'application/json' } })).toMatchObject(problem);
    expect(await door.ask({ method: 'POST', path: '/people', headers: html, body: {} })).toMatchObject(problem);
    expect((await door.ask({ path: '/api/v1/reference', headers: html })).text).toContain('Seatwise API');
    expect((await door.ask({ path: '/livez', headers: html })).json).toBeDefined();
  });
});
