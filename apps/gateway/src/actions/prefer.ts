const most = 30;

/** The `wait` of a `Prefer` header in seconds, as far as we go (RFC 7240); undefined where none is asked for. */
export function waitOf(prefer: string | undefined): number | undefined {
  // The first of several counts; what is not understood is passed over.
  for (const preference of prefer?.split(',') ?? []) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), most);
  }
  return undefined;
}
