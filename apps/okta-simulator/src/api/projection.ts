/** `fields=id,status,profile:(login,email)`: what was asked for and the id, which is always there. */
export function projected(json: string, fields: string): string {
  const user = JSON.parse(json) as Record<string, unknown> & { profile: Record<string, unknown> };
  const inside = /profile:\(([^)]*)\)/
    .exec(fields)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  const names = fields
    .replace(/profile:\([^)]*\)/, 'profile')
    .split(',')
    .map((name) => name.trim());
  const kept = Object.entries(user).filter(([name]) => name === 'id' || names.includes(name));
  return JSON.stringify(
    Object.fromEntries(
      kept.map(([name, value]) =>
        name === 'profile' && inside
          ? [name, Object.fromEntries(Object.entries(user.profile).filter(([attribute]) => inside.includes(attribute)))]
          : [name, value],
      ),
    ),
  );
}

/** `Content-Type: application/json; okta-response="omitCredentials,…"`: what a reader can do without. */
export function omitted(json: string, contentType: string | string[] | undefined): string {
  const wishes = /okta-response="?([^"]*)/.exec(String(contentType ?? ''))?.[1]?.split(/[,\s]+/);
  if (!wishes) return json;
  const user = JSON.parse(json) as Record<string, unknown> & { _links: Record<string, unknown> };
  if (wishes.includes('omitCredentials')) delete user.credentials;
  if (wishes.includes('omitTransitioningToStatus')) delete user.transitioningToStatus;
  if (wishes.includes('omitCredentialsLinks'))
    for (const name of [
      'changePassword',
      'changeRecoveryQuestion',
      'forgotPassword',
      'resetPassword',
      'expirePassword',
    ])
      delete user._links[name];
  return JSON.stringify(user);
}
