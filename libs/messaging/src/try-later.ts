/** Thrown by a handler that cannot take the message now: it is delivered again after `delayMs`, and that is no failure. */
export class TryLater extends Error {
  constructor(readonly delayMs: number) {
    super(`try again in ${delayMs} ms`);
    this.name = 'TryLater';
  }
}
