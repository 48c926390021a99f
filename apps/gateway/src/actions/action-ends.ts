import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  actionDone,
  actionFailed,
  actionRefused,
  actionSecret,
  actionUnknown,
  endedStates,
  eventSubject,
  getAction,
  liveSubject,
  type ActionDto,
  type ActionSecretV1,
} from '@seatwise/contracts';
import { Bus, Nats } from '@seatwise/messaging';

const lookAgainMs = 1_000;

interface Heard {
  json(): unknown;
  respond(): boolean;
}

export const hasEnded = ({ state }: ActionDto): boolean => endedStates.includes(state);

/**
 * Hears of the ends of actions, and of the secrets in their answers, for whoever waits at the moment: one subscription to
 * each in this process, however many wait. What is lost on the way is made up for by looking at the action each second.
 */
@Injectable()
export class ActionEnds implements BeforeApplicationShutdown {
  private readonly watches = new Set<ActionWatch>();
  private subscribed: Promise<void> | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly nats: Nats,
  ) {}

  /** Listens in this workspace from now on, so that nothing is missed of what is asked for after it. To be closed. */
  async watch(workspace: string): Promise<ActionWatch> {
    this.subscribed ??= this.subscribe();
    await this.subscribed;
    const watch = new ActionWatch(
      workspace,
      (action) => this.bus.request(getAction, { workspace, action }),
      () => this.watches.delete(watch),
    );
    this.watches.add(watch);
    return watch;
  }

  /** Whoever waits is told how far it is. */
  beforeApplicationShutdown(): void {
    for (const watch of this.watches) watch.close();
  }

  private async subscribe(): Promise<void> {
    const connection = await this.nats.connection();
    const hear = (subject: string, tell: (watch: ActionWatch, message: Heard) => void) =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error) return;
          // Both kinds of subject name the workspace third; nothing is read that nobody waits for.
          const workspace = message.subject.split('.')[2];
          for (const watch of this.watches) if (watch.workspace === workspace) tell(watch, message);
        },
      });
    for (const end of [actionDone, actionRefused, actionFailed, actionUnknown])
      hear(eventSubject(end, '*'), (watch, message) => watch.hear(message.json() as ActionDto));
    hear(liveSubject(actionSecret, '*'), (watch, message) => {
      if (watch.hearSecret(message.json() as ActionSecretV1)) message.respond();
    });
  }
}

/** One who waits. Which action is meant is known only after it was asked for; until then all ends are kept. */
export class ActionWatch {
  private readonly ended = new Map<string, ActionDto>();
  private readonly secrets = new Map<string, string>();
  private meant: string | undefined;
  private closed = false;
  private awake: () => void = () => undefined;

  constructor(
    readonly workspace: string,
    private readonly look: (action: string) => Promise<ActionDto>,
    private readonly leave: () => void,
  ) {}

  /** The action when it has ended, or as it is after `milliseconds`, or when the watch is closed. */
  async endOf(asked: ActionDto, milliseconds: number): Promise<ActionDto> {
    if (hasEnded(asked)) return asked;
    this.meant = asked.id;
    let latest = asked;
    const lookAgain = async () => {
      latest = await this.look(asked.id);
      if (hasEnded(latest)) this.hear(latest);
    };
    // A service that does not answer for a moment is asked again.
    const again = setInterval(() => void lookAgain().catch(() => undefined), lookAgainMs);
    await this.until(() => this.ended.has(asked.id), milliseconds);
    clearInterval(again);
    return this.ended.get(asked.id) ?? latest;
  }

  /** The sealed secret in the answer to this action; undefined when it does not come in time. */
  async secretOf(action: string, milliseconds: number): Promise<string | undefined> {
    await this.until(() => this.secrets.has(action), milliseconds);
    return this.secrets.get(action);
  }

  hear(action: ActionDto): void {
    if (this.isOther(action.id)) return;
    this.ended.set(action.id, action);
    this.awake();
  }

  /** True when it is for whoever waits here. */
  hearSecret({ action, sealed }: ActionSecretV1): boolean {
    if (this.isOther(action)) return false;
    this.secrets.set(action, sealed);
    this.awake();
    return this.meant === action && !this.closed;
  }

  close(): void {
    this.closed = true;
    this.leave();
    this.awake();
  }

  private isOther(action: string): boolean {
    return this.meant !== undefined && action !== this.meant;
  }

  private until(isThere: () => boolean, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.awake = () => {
        if (!this.closed && !isThere()) return;
        clearTimeout(timer);
        resolve();
      };
      this.awake();
    });
  }
}
