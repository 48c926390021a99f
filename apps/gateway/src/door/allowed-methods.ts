import type { Express } from 'express';
import { isMiddleware, type Route } from './route-of.js';

/** A layer of Express 5's router, as far as it is looked at here. */
interface Layer {
  route?: Route;
  match(path: string): object | boolean;
}

/** The methods that `path` has, of those that the router knows. */
export function allowedMethods(app: Express, path: string): string[] {
  const layers = (app.router as unknown as { stack: Layer[] }).stack;
  const methods = new Set<string>();
  for (const layer of layers) {
    if (!layer.route || isMiddleware(layer.route) || !layer.match(path)) continue;
    for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].sort();
}
