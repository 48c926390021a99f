import type { NestExpressApplication } from '@nestjs/platform-express';
import type { GatewayConfig } from './config.js';
import { furnishDoor } from './door/door.js';
import { servePage } from './page/page.js';
import { serveReference } from './reference/page.js';

/** What the application needs before it listens. */
export function furnish(app: NestExpressApplication, config: GatewayConfig): void {
  furnishDoor(app, config);
  serveReference(app, config.publicUrl);
  servePage(app);
}
