/** Speech into words, as far as the server has a part in it. Every refusal is an `ApiError`. */
import { createStore } from "zustand/vanilla";

import type { VoiceApi } from "./api";
import type { WireVoice } from "./wire";

export class Voice {
  /** Null: the server has not told yet. */
  readonly can = createStore<{ readonly now: WireVoice | null }>(() => ({ now: null }));

  constructor(private readonly api: VoiceApi) {}

  /** Ask the server once; without an answer there is no microphone. */
  async load(): Promise<void> {
    if (this.can.getState().now !== null) return;
    try {
      this.can.setState({ now: await this.api.voice() });
    } catch {
      // Asked again when the server can be reached again.
    }
  }

  /** What a recording says, in a language such as "ko". */
  transcribe(sound: Blob, name: string, language: string, signal: AbortSignal): Promise<string> {
    return this.api.transcribe(sound, name, language, signal);
  }
}
