import { headOf, type Columns } from '../door/csv.js';
import type { ListedPersonDto } from './people.dto.js';

const usual: Columns<ListedPersonDto> = {
  connection: ({ connection }) => connection,
  id: ({ id }) => id,
  name: ({ name }) => name,
  login: ({ login }) => login,
  email: ({ email }) => email,
  status: ({ status }) => status,
  seat: ({ seat }) => seat,
  last_sign_in: ({ lastSignIn }) => lastSignIn,
  role: ({ role }) => role,
};

/** The usual ones, and an attribute of the profile in each further one. */
export const columnsWith = (attributes: string[]): Columns<ListedPersonDto> => ({
  ...usual,
  ...Object.fromEntries(
    attributes.map((name) => [`profile.${name}`, (person: ListedPersonDto) => cellOf(person.attributes?.[name])]),
  ),
});

const cellOf = (value: unknown): string | number | null =>
  value === undefined || value === null
    ? null
    : typeof value === 'string' || typeof value === 'number'
      ? value
      : JSON.stringify(value);

export const peopleExample = headOf(usual);
