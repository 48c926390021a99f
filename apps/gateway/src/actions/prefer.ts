const most = 30;

/**
 * The `wait` of a `Prefer` header in seconds, as far as we go (RFC 7240); undefined where none is asked for. What cannot be
 * understood is ignored, as the RFC wants it, and of a preference that comes twice the first alone is heard.
 */
export function waitOf(prefer: string | undefined): number | undefined {
  const preferences = prefer?.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g) ?? [];
  const asked = preferences.find((preference) => /^\s*wait\s*(?:[=;]|$)/i.test(preference));
  const [, quoted, bare] = /^\s*wait\s*=\s*(?:"(\d{1,9})"|(\d{1,9}))\s*(?:;|$)/i.exec(asked ?? '') ?? [];
  const seconds = quoted ?? bare;
  return seconds === undefined ? undefined : Math.min(Number(seconds), most);
}
