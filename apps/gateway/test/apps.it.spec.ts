import { openDoor, type Door } from './open-door.js';
import { knownApp } from './services.js';

describe('an app through the door', () => {
  let door: Door;
  let admin: string;
  let path: string;

  beforeAll(async () => {
    door = await openDoor();
    ({ admin } = await door.openWorkspace());
    const body = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    const made = await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
    path = `/api/v1/connections/${(made.json as { id: string }).id}/apps/${knownApp}`;
  });
  afterAll(() => door.close());

  async function zoneOf(query: string): Promise<[status: number, zone: string | undefined]> {
    const { status, json } = await door.ask({ path: `${path}/hours${query}`, key: admin });
    return [status, (json as { zone?: string }).zone];
  }

  it('is asked for by the hours of a time zone, or of UTC', async () => {
    expect(await zoneOf('')).toEqual([200, 'UTC']);
    expect(await zoneOf('?zone=Asia/Kolkata&window=366')).toEqual([200, 'Asia/Kolkata']);
  });

  it.each([
    ['hours?zone=Europe/Atlantis', '$.zone'],
    ['hours?zone=', '$.zone'],
    ['hours?zone=UTC&zone=UTC', '$.zone'],
    ['hours?window=367', '$.window'],
    ['hours?window=0', '$.window'],
    ['active-people?window=3651', '$.window'],
    ['active-people?zone=UTC', '$.zone'],
  ])('refuses %s by the name of the field', async (asked, field) => {
    expect(await door.ask({ path: `${path}/${asked}`, key: admin })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', errors: [{ path: field }] },
    });
  });

  it('tells by which of its groups how many come, and that others come by none of them', async () => {
    const { json } = await door.ask({ path: `${path}/groups`, key: admin });
    expect(json).toMatchObject({ groups: [{ name: 'Engineering', people: 7 }], direct: 2, byOther: 4 });
  });

  it('shows the trend of each only where it is asked for by its name', async () => {
    expect((await door.ask({ path: '/api/v1/apps?trend=people', key: admin })).status).toBe(200);
    expect(await door.ask({ path: '/api/v1/apps?trend=true', key: admin })).toMatchObject({
      status: 400,
      json: { errors: [{ path: '$.trend' }] },
    });
  });
});
