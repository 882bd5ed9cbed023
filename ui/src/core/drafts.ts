/** What was typed and not sent, by thread key; it outlives a reload of the tab, but not where the chat is, or will be, temporary. */
import { createStore } from "zustand/vanilla";

import { OF_NEW_CHAT } from "./chat-settings";
import { isTemporary } from "./frames";

export interface DraftsDeps {
  draft(place: string): string | null;
  rememberDraft(place: string, text: string): void;
}

export class Drafts {
  readonly store = createStore<Readonly<Record<string, string>>>(() => ({}));

  /** @param isNewTemporary whether the chat that is about to begin leaves nothing behind. */
  constructor(
    private readonly remembered: DraftsDeps,
    private readonly isNewTemporary: () => boolean,
  ) {}

  /** Null: of the chat that is about to begin. */
  of(key: string | null): string {
    const place = key ?? OF_NEW_CHAT;
    return this.store.getState()[place] ?? this.remembered.draft(place) ?? "";
  }

  keep(key: string | null, text: string): void {
    const place = key ?? OF_NEW_CHAT;
    this.store.setState({ [place]: text });
    if (isTemporary(place)) return;
    const isKept = place !== OF_NEW_CHAT || !this.isNewTemporary();
    this.remembered.rememberDraft(place, isKept ? text : "");
  }

  /** The conversation is gone. */
  drop(key: string): void {
    this.keep(key, "");
  }

  /** The server named the conversation. */
  rekey(from: string, to: string): void {
    const text = this.of(from);
    this.keep(from, "");
    if (text !== "") this.keep(to, text);
  }
}
