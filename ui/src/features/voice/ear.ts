/** What listens: the seam between the bar in the message box and whoever writes speech down. */

export type TroubleKind =
  | "refused"
  | "noMicrophone"
  | "busy"
  | "network"
  | "empty"
  | "tooLong"
  | "language"
  | "failed";

/** Nothing was written down; `reason` is the server's or the browser's own word for it. */
export class VoiceError extends Error {
  constructor(
    readonly kind: TroubleKind,
    readonly reason = "",
  ) {
    super(`${kind} ${reason}`);
    this.name = "VoiceError";
  }
}

export interface Hears {
  /** 0 to 1, some times a second. */
  level(share: number): void;
  /** What was understood so far; it may still change. */
  words(words: string): void;
  /** It listens no more, of its own accord: `stop` tells why, or what was said. */
  ended(): void;
}

/** One listening. */
export interface Ear {
  /** After a failure `stop` may be called again, and tries again with what was heard. */
  readonly keepsSound: boolean;
  /**
   * Listen no more and tell what was said.
   *
   * @throws VoiceError
   */
  stop(): Promise<string>;
  /** Listen no more and forget it. */
  cancel(): void;
}

/** @throws VoiceError there is nothing to listen with. */
export type Listen = (hears: Hears) => Promise<Ear>;
