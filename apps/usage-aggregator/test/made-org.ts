import type { ChangeOf, SignIn } from '@seatwise/contracts';

const day = 86_400_000;

/** Numbers from 0 to 1, the same ones for the same seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export const shuffled = <T>(items: T[], next: () => number): T[] =>
  items
    .map((item) => ({ item, at: next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);

export const apps: ChangeOf['app'][] = ['Mail', 'Wiki', 'Payroll'].map((label, at) => ({
  id: `app${at}`,
  v: 2,
  label,
  name: label.toLowerCase(),
  status: 'ACTIVE',
  removed: false,
}));

/** Every tenth is deprovisioned. */
export const people: ChangeOf['person'][] = Array.from({ length: 40 }, (_none, at) => ({
  id: `user${at}`,
  v: 2,
  status: at % 10 === 9 ? 'DEPROVISIONED' : 'ACTIVE',
  login: `user${at}@acme.example`,
  email: `user${at}@acme.example`,
  name: `Person Number${String(at).padStart(2, '0')}`,
  created: 1_600_000_000_000,
}));

/** Mail is everybody's, Wiki every second one's, Payroll every fifth one's; one Wiki seat is inactive. */
export const assignments: ChangeOf['assignment'][] = apps.flatMap(({ id: app }, which) =>
  people
    .filter((_person, at) => at % ([1, 2, 5][which] ?? 1) === 0)
    .map(({ id: person }, at) => ({
      id: `${app}|${person}`,
      v: 2,
      scope: at % 2 === 0 ? 'USER' : 'GROUP',
      status: which === 1 && at === 0 ? 'INACTIVE' : 'ACTIVE',
      group: at % 4 === 1 ? `00g${at % 3}` : null,
      created: null,
      removed: false,
    })),
);

/** Over fifty days up to now; the last quarter of the people never signs in; some to an app without a name. */
export function signInsUpTo(now: number): SignIn[] {
  const next = numbersFrom(7);
  return Array.from({ length: 2_000 }, (_none, at): SignIn => {
    const person = `user${Math.floor(next() * 30)}`;
    const where = Math.floor(next() * 9);
    const app = where === 8 ? null : where < 4 ? 'okta' : `app${where % 3}`;
    // The earlier half of the people has not signed in for thirty days.
    const ago = Number(person.slice(4)) < 12 ? 31 * day + next() * 20 * day : 60_000 + next() * 25 * day;
    return [`uuid-${at}`, Math.floor(now - ago), person, app];
  });
}

export const pagesOf = <T>(items: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_none, at) => items.slice(at * size, (at + 1) * size));
