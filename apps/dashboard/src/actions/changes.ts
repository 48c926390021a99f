import type { Action, PersonStatus } from '../domain';
import { exactly } from '../format';
import { t } from '../texts';

type Seen = Record<string, unknown>;

/** One thing that Okta showed before and after. */
export interface Change {
  name: string;
  before: string;
  after: string;
}

/** What the group or the app is called that an action was about, where Okta showed it. */
export function objectOf({ before, after }: Pick<Action, 'before' | 'after'>): string | undefined {
  const { group, app } = { ...before, ...after };
  return [group, app].find((name) => typeof name === 'string');
}

/** What Okta showed before and after: of a profile each attribute, of a group or an app whether they have it. */
export function changesOf(action: Pick<Action, 'before' | 'after'>): Change[] {
  const [was, is] = [inWords(action.before, action), inWords(action.after, action)];
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].map((name) => ({ name, before: was.get(name) ?? '–', after: is.get(name) ?? '–' }));
}

const texts = t.actionPage;

/** By the name of each thing. */
function inWords(seen: Seen | null, action: Pick<Action, 'before' | 'after'>): Map<string, string> {
  const { profile, group, app, member, assigned, status, ...others } = seen ?? {};
  const object = objectOf(action);
  const words = new Map<string, string>();
  if (member !== undefined) words.set(object ?? t.parameters.group!, member ? texts.member : texts.noMember);
  else if (group !== undefined) words.set(t.parameters.group!, valueOf(group));
  if (assigned !== undefined) words.set(object ?? t.parameters.app!, assigned ? texts.assigned : texts.notAssigned);
  else if (app !== undefined) words.set(t.parameters.app!, valueOf(app));
  // An assignment has statuses of its own.
  const ofPerson = assigned === undefined && t.statuses[status as PersonStatus]?.name;
  if (status !== undefined) words.set(texts.seen.status!, ofPerson || valueOf(status));
  for (const [name, value] of Object.entries(others)) words.set(texts.seen[name] ?? name, valueOf(value, name));
  if (typeof profile === 'object')
    for (const [name, value] of Object.entries(profile ?? {})) words.set(name, valueOf(value));
  return words;
}

/** A value as a person reads it. */
export function valueOf(value: unknown, name = ''): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? t.common.yes : t.common.no;
  if (name === 'scope') return value === 'USER' ? t.person.direct : t.person.byGroup;
  if (typeof value !== 'string')
    return Array.isArray(value) ? value.map((one) => valueOf(one)).join(', ') : JSON.stringify(value);
  return name === 'passwordChanged' ? exactly(value) : value;
}
