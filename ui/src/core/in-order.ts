import { isOver } from "./patience";

/** Changes of one thing, each sent when the one before has arrived: the last word counts, and none may overtake it. */
export class InOrder {
  private readonly last = new Map<string, Promise<void>>();

  /**
   * Do `what` when everything that was asked for `thing` before is over, well or not; at once where nothing was. One that
   * hangs is not waited for any longer than `PATIENCE_MS`.
   */
  run<T>(thing: string, what: () => Promise<T>): Promise<T> {
    const before = this.last.get(thing);
    const done = before === undefined ? what() : before.then(what);
    const over = before === undefined ? isOver(done) : before.then(() => isOver(done));
    this.last.set(thing, over);
    void over.then(() => this.forget(thing, over));
    return done;
  }

  /** Do `what` when everything that was asked for `thing` so far is over; nothing waits for that. */
  after<T>(thing: string, what: () => Promise<T>): Promise<T> {
    const before = this.last.get(thing);
    return before === undefined ? what() : before.then(what);
  }

  private forget(thing: string, over: Promise<void>): void {
    if (this.last.get(thing) === over) this.last.delete(thing);
  }
}
