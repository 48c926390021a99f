import type { Response } from 'express';

const heartbeatMs = 15_000;

/**
 * Server-sent events to one client (WHATWG HTML, "Server-sent events"). A client that reads slowly gets the newest
 * event when it is ready for one, not all that it missed: nothing piles up for it.
 */
export class EventStream {
  readonly closed: Promise<void>;
  private waiting: string | undefined;
  private blocked = false;
  private readonly beat: NodeJS.Timeout;

  constructor(private readonly response: Response) {
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    this.beat = setInterval(() => this.write(': still here\n\n'), heartbeatMs);
    this.closed = new Promise((resolve) => response.once('close', resolve));
    void this.closed.then(() => clearInterval(this.beat));
    response.on('drain', () => this.drained());
  }

  send(event: string, id: string, payload: object): void {
    const text = `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(payload)}\n\n`;
    if (this.blocked) this.waiting = text;
    else this.write(text);
  }

  end(): void {
    if (this.waiting !== undefined) this.response.write(this.waiting);
    this.waiting = undefined;
    this.response.end();
  }

  private write(text: string): void {
    if (this.blocked || this.response.writableEnded || this.response.destroyed) return;
    this.blocked = !this.response.write(text);
  }

  private drained(): void {
    this.blocked = false;
    const text = this.waiting;
    this.waiting = undefined;
    if (text !== undefined) this.write(text);
  }
}
