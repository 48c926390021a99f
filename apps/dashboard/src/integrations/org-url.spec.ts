import { describe, expect, it } from '@jest/globals';
import { originOf } from './org-url';

describe('the address of an org as it is pasted', () => {
  it('is read as the API reads it', () => {
    const pasted = [
      'acme.okta.com',
      'http://acme.okta.com/',
      'https://ACME-admin.okta.com/admin/users',
      ' acme.okta.com. ',
    ];
    expect(pasted.map(originOf)).toEqual(pasted.map(() => 'https://acme.okta.com'));
    expect(originOf('http://127.0.0.1:7070')).toBe('http://127.0.0.1:7070');
  });

  it('is not one with another scheme, or without a host', () => {
    expect(['ftp://acme.okta.com', 'acme', '', 'https://'].map(originOf)).toEqual(Array(4).fill(undefined));
  });
});
