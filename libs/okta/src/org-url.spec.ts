import { OrgUrlError } from './errors.js';
import { normaliseOrgUrl, type OriginPolicy } from './org-url.js';
import { isPublicAddress } from './public-address.js';

const policy: OriginPolicy = {
  allowedOrigins: ['http://127.0.0.1:7070'],
  allowedHostSuffixes: ['.login.acme.example', 'Sign.Acme.Example'],
};

describe('the address of an org', () => {
  it.each([
    ['https://acme.okta.com', 'https://acme.okta.com'],
    ['acme.okta.com', 'https://acme.okta.com'],
    ['  https://ACME.okta.com/ ', 'https://acme.okta.com'],
    ['https://acme-admin.okta.com/admin/dashboard', 'https://acme.okta.com'],
    ['https://acme-admin.oktapreview.com', 'https://acme.oktapreview.com'],
    ['https://acme.okta.com.', 'https://acme.okta.com'],
    ['http://acme-admin.okta.com', 'https://acme.okta.com'],
    ['https://acme.okta.com:443/app/UserHome?x=1#y', 'https://acme.okta.com'],
    ['https://id-admin.login.acme.example', 'https://id-admin.login.acme.example'],
    ['https://sign.acme.example', 'https://sign.acme.example'],
    ['https://eu.sign.acme.example', 'https://eu.sign.acme.example'],
    ['http://127.0.0.1:7070', 'http://127.0.0.1:7070'],
  ])('%s is %s', (pasted, origin) => {
    expect(normaliseOrgUrl(pasted, policy)).toBe(origin);
  });

  it.each([
    '',
    'not an address',
    'ftp://acme.okta.com',
    'http://acme.okta.com:80@evil.example',
    'http://sign.acme.example',
    'https://acme.okta.com:8443',
    'https://user:password@acme.okta.com',
    'https://acme.okta.com@evil.example',
    'https://acme.okta.com.evil.example',
    'https://evilokta.com',
    'https://okta.com',
    'https://-admin.okta.com',
    'https://notsign.acme.example',
    'https://acme.example',
    'https://127.0.0.1',
    'http://127.0.0.1:7071',
    'http://user@127.0.0.1:7070',
    'https://2130706433',
    'https://0x7f000001',
    'https://0177.0.0.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost',
    'https://metadata.google.internal',
    'javascript:alert(1)',
    'x'.repeat(600),
  ])('refuses %s', (pasted) => {
    expect(() => normaliseOrgUrl(pasted, policy)).toThrow(OrgUrlError);
  });
});

describe('an address to connect to', () => {
  it.each(['8.8.8.8', '2606:4700:4700::1111'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '::7f00:1',
    '100:0:0:1::1',
    '4000::1',
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'nonsense',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
