/** What is to be deleted after a while, noted where all tabs of this browser find it. */

/** How often a deletion that the server could not be told of is tried again. */
const RETRY_MS = 5_000;

export interface DoomedDeps {
  readonly waitMs: number;
  readonly recall: () => string | null;
  readonly remember: (text: string) => void;
  /** Delete it now; whether it is gone. */
  readonly carryOut: (id: string) => Promise<boolean>;
}

/** By id, when it is due, in Unix ms. */
type Notes = Record<string, number>;

export class Doomed {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly deps: DoomedDeps) {}

  /** Take over what was noted before. */
  start(): void {
    for (const [id, dueAt] of Object.entries(this.notes())) {
      // Whoever noted it may still be there and bring it back.
      this.wait(id, Math.max(0, dueAt - Date.now()) + this.deps.waitMs);
    }
  }

  /** Note it; whoever does must say when. */
  add(id: string): void {
    this.note({ ...this.notes(), [id]: Date.now() + this.deps.waitMs });
  }

  spare(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    const { [id]: _, ...rest } = this.notes();
    this.note(rest);
  }

  carryOutNow(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    void this.carryOut(id);
  }

  has(id: string): boolean {
    return Object.hasOwn(this.notes(), id);
  }

  private wait(id: string, waitMs: number): void {
    this.timers.set(
      id,
      setTimeout(() => void this.carryOut(id), waitMs),
    );
  }

  private async carryOut(id: string): Promise<void> {
    // Another tab may have brought it back, or done it.
    if (!this.has(id)) return;
    if (await this.deps.carryOut(id)) this.spare(id);
    else this.wait(id, RETRY_MS);
  }

  private notes(): Notes {
    try {
      const read: unknown = JSON.parse(this.deps.recall() ?? "{}");
      return typeof read === "object" && read !== null ? (read as Notes) : {};
    } catch {
      return {};
    }
  }

  private note(notes: Notes): void {
    this.deps.remember(Object.keys(notes).length === 0 ? "" : JSON.stringify(notes));
  }
}
