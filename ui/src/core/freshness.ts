import { isOver } from "./patience";

/**
 * What the server says to a question that is asked again and again. An answer may be older than what is known here: than
 * a later answer, which overtook it, or than what the person changed while it was on its way.
 */
export class Freshness {
  private asked = 0;
  private taken = 0;
  private changes = 0;
  private readonly telling = new Set<Promise<void>>();

  /** The newest answer of `ask`, by its number; null: a later one came first. */
  async newest<T>(ask: () => Promise<T>): Promise<T | null> {
    const number = (this.asked += 1);
    try {
      const answer = await this.current(ask);
      if (number < this.taken) return null;
      this.taken = number;
      return answer;
    } catch (error) {
      if (number < this.taken) return null;
      throw error;
    }
  }

  /** An answer of `ask` that knows all that was changed here; it is asked once more where the first one does not. */
  async current<T>(ask: () => Promise<T>): Promise<T> {
    // oxlint-disable-next-line no-await-in-loop -- nothing is to be asked before the server was told
    while (this.telling.size > 0) await Promise.all(this.telling);
    const before = this.changes;
    const isOld = (): boolean => this.changes !== before;
    try {
      const answer = await ask();
      return isOld() ? await this.current(ask) : answer;
    } catch (error) {
      if (isOld()) return await this.current(ask);
      throw error;
    }
  }

  /** The server did something of which an answer that is on its way need not know. */
  changed(): void {
    this.changes += 1;
  }

  /** Something is changed here already, of which the server is told by `told`; no question waits for one that hangs. */
  async tell<T>(told: Promise<T>): Promise<T> {
    this.changed();
    const over = isOver(told);
    this.telling.add(over);
    void over.then(() => this.telling.delete(over));
    try {
      return await told;
    } finally {
      this.telling.delete(over);
      this.changed();
    }
  }
}
