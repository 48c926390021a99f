const oktaDomain = /\.(okta|oktapreview|okta-emea)\.com$/;

/** The origin that a pasted address of an org means, as far as it can be told here; what holds is what the API makes of it. */
export function originOf(pasted: string): string | undefined {
  const text = pasted.trim();
  if (text === '') return undefined;
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { hostname, protocol, port } = new URL(address);
  if (!hostname.includes('.') || !/^https?:$/.test(protocol)) return undefined;
  const host = hostname.replace(/\.+$/, '');
  const ofOkta = oktaDomain.exec(host);
  if (!ofOkta) return `${protocol}//${host}${port && `:${port}`}`;
  const org = host.slice(0, ofOkta.index).replace(/-admin$/, '');
  return `https://${org}${ofOkta[0]}${port && `:${port}`}`;
}

/** Where tokens are made in the Admin Console of that org. */
export function tokensPageOf(origin: string): string {
  const admin = origin.replace(/^(https?:\/\/[^.]+)(?=\.(okta|oktapreview|okta-emea)\.com$)/, '$1-admin');
  return `${admin}/admin/access/api/tokens`;
}
