/** One dictation from the first word to the last: what is shown of it, and what ends it. */
import { createStore } from "zustand/vanilla";

import type { Ear, Listen, TroubleKind } from "./ear";
import { VoiceError } from "./ear";

const TICK_MS = 250;
const LEVELS = 24;

export interface DictationState {
  readonly phase: "starting" | "listening" | "writing" | "trouble" | "over";
  /** The newest loudnesses, oldest first, each 0 to 1. */
  readonly levels: readonly number[];
  readonly seconds: number;
  readonly words: string;
  readonly trouble: { readonly kind: TroubleKind; readonly reason: string } | null;
  /** What was heard is still here and may be sent again. */
  readonly canRetry: boolean;
}

interface DictationDeps {
  readonly listen: Listen;
  readonly maxSeconds: number;
  /** Ms. */
  readonly now: () => number;
  readonly onWords: (words: string) => void;
}

export class Dictation {
  readonly store = createStore<DictationState>(() => ({
    phase: "starting",
    levels: Array.from({ length: LEVELS }, () => 0),
    seconds: 0,
    words: "",
    trouble: null,
    canRetry: false,
  }));
  private ear: Ear | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly deps: DictationDeps) {}

  async start(): Promise<void> {
    try {
      const ear = await this.deps.listen({
        level: (share) => this.store.setState(({ levels }) => ({ levels: [...levels.slice(1), share] })),
        words: (words) => this.store.setState({ words }),
        ended: () => void this.finish(),
      });
      if (this.isAt("over")) {
        ear.cancel();
        return;
      }
      this.ear = ear;
    } catch (error) {
      this.fail(error);
      return;
    }
    this.store.setState({ phase: "listening" });
    const begun = this.deps.now();
    this.timer = setInterval(() => {
      const seconds = Math.floor((this.deps.now() - begun) / 1000);
      this.store.setState({ seconds });
      if (seconds >= this.deps.maxSeconds) void this.finish();
    }, TICK_MS);
  }

  /** Listen no more and put the words in; after a failure, try that again. */
  async finish(): Promise<void> {
    if (this.ear === null || !this.isAt("listening", "trouble")) return;
    clearInterval(this.timer);
    this.store.setState({ phase: "writing", trouble: null });
    try {
      const words = await this.ear.stop();
      if (!this.isAt("writing")) return;
      if (words === "") throw new VoiceError("empty");
      this.store.setState({ phase: "over" });
      this.deps.onWords(words);
    } catch (error) {
      if (this.isAt("writing")) this.fail(error);
    }
  }

  /** Forget it. */
  cancel(): void {
    if (this.isAt("over")) return;
    clearInterval(this.timer);
    this.store.setState({ phase: "over" });
    this.ear?.cancel();
  }

  private isAt(...phases: readonly DictationState["phase"][]): boolean {
    return phases.includes(this.store.getState().phase);
  }

  private fail(error: unknown): void {
    const { kind, reason } = error instanceof VoiceError ? error : new VoiceError("failed", String(error));
    const canRetry = this.ear?.keepsSound === true && (kind === "network" || kind === "failed");
    if (!this.isAt("over")) this.store.setState({ phase: "trouble", trouble: { kind, reason }, canRetry });
  }
}
