import { AppNotFound } from '@seatwise/contracts';
import type { Home } from '../connections/connections.js';
import type { Collections } from '../store/collections.js';
import type { AppDocument } from '../store/documents.js';

/** The app of that id. Throws {@link AppNotFound} where there is none, or none any more. */
export async function appOf({ apps }: Collections, home: Home, app: string): Promise<AppDocument> {
  const found = await apps.findOne({ _id: `${home.connection}|${app}`, ...home, removed: false });
  if (!found) throw new AppNotFound(app);
  return found;
}
