import { actions } from './en/actions';
import { apps } from './en/apps';
import { common } from './en/common';
import { connections } from './en/connections';
import { overview } from './en/overview';
import { people } from './en/people';
import { system } from './en/system';
import { webhooks } from './en/webhooks';

/**
 * Every text of the page that is not the API's own. Another language is another folder with the same names, which the
 * compiler holds it to.
 */
export const t = {
  product: 'Seatwise',
  ...common,
  ...connections,
  ...people,
  ...apps,
  ...overview,
  ...actions,
  ...system,
  ...webhooks,
};
