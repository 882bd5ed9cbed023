/**
 * Gathers what arrives and hands it on at most once every 50 ms.
 *
 * A timer and not an animation frame: frames stop in a hidden tab, where the answer must still finish; and drawing at
 * every frame costs two to three times the CPU.
 */

export const FLUSH_EVERY_MS = 50;

export class Batch<T> {
  private waiting: T[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private lastFlush = -Infinity;

  /**
   * @param deliver takes everything that has gathered, in order.
   * @param now page time in ms.
   */
  constructor(
    private readonly deliver: (things: readonly T[]) => void,
    private readonly now: () => number,
  ) {}

  /** Keep `thing` for the next flush; `isUrgent` flushes at once. */
  push(thing: T, isUrgent: boolean): void {
    this.waiting.push(thing);
    const dueIn = this.lastFlush + FLUSH_EVERY_MS - this.now();
    if (isUrgent || dueIn <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), dueIn);
  }

  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.lastFlush = this.now();
    const things = this.waiting;
    this.waiting = [];
    if (things.length > 0) this.deliver(things);
  }
}
