import {
  actionCatalogue,
  actionNames,
  jsonSchemaDialect,
  Schemas,
  scopeOf,
  type ActionName,
  type JsonSchema,
} from '@seatwise/contracts';
import type { ActionCatalogueDto } from './actions.dto.js';

/** The parameters of an action as the door checks them, from the same class. */
function schemaOf(action: ActionName): JsonSchema {
  const { Parameters, secrets } = actionCatalogue[action];
  const schema = new Schemas().objectOf(Parameters, true);
  for (const name of secrets) Object.assign(schema.properties![name]!, { format: 'password', writeOnly: true });
  return { $schema: jsonSchemaDialect, ...schema };
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
