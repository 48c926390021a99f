import type { ActionName } from '../domain';
import { t } from '../texts';

/** The sixteen, for what is read from an address before the catalogue is there; the compiler holds their titles to the API. */
export const actionNames = Object.keys(t.actionTitles) as ActionName[];

/** Each by its title, to choose one of. */
export const actionOptions = actionNames.map((id) => ({ id, text: t.actionTitles[id] }));
