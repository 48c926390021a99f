import { actionCatalogue, actionNames, scopeOf, type ActionName } from '@seatwise/contracts';
import { Schemas, type JsonSchema } from '../reference/schema.js';
import type { ActionCatalogueDto } from './actions.dto.js';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The parameters of an action as the door checks them, from the same class. */
function schemaOf(action: ActionName): JsonSchema {
  const { Parameters, secrets } = actionCatalogue[action];
  const schema = new Schemas().objectOf(Parameters, true);
  for (const name of secrets) Object.assign(schema.properties![name]!, { format: 'password', writeOnly: true });
  return { $schema: dialect, ...schema };
}

/** The sixteen, for whoever offers them to a person. */
export const catalogue = (): ActionCatalogueDto => ({
  actions: actionNames.map((action) => {
    const { title, summary, capability, statuses, undo, answers, refusals } = actionCatalogue[action];
    return {
      action,
      title,
      summary,
      capability,
      scope: scopeOf[capability],
      needsPerson: action !== 'create_user',
      statuses: [...statuses],
      undo,
      answers,
      refusals: [...refusals],
      parameters: schemaOf(action),
    };
  }),
});
