/**
 * Messages that wait for the end of a running answer, by conversation; they outlive a reload of the tab.
 *
 * After an answer that ended well the next one goes by itself. After one that was stopped or failed they are held until
 * the person says so: what they meant to say next may have changed. Nothing goes while it is being edited.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Said } from "./attachments";
import { isAttachment } from "./attachments";
import { isTemporary } from "./frames";
import type { ChatState } from "./state";
import { announced, isRunning } from "./state";
import { without } from "./steps";

export interface WaitingMessage extends Said {
  readonly id: string;
  readonly isEdited: boolean;
}

export interface Waiting {
  readonly messages: readonly WaitingMessage[];
  /** Nothing goes before the person says so. */
  readonly isHeld: boolean;
}

/** By thread key; a conversation where nothing waits is absent. */
export type AllWaiting = Readonly<Record<string, Waiting>>;

const NOTHING: Waiting = { messages: [], isHeld: false };

export interface QueueDeps {
  readonly store: StoreApi<ChatState>;
  readonly newId: () => string;
  /** Say this below the head of that conversation; false when that cannot be done now. */
  readonly ask: (key: string, said: Said) => boolean;
  readonly recall: () => string | null;
  readonly remember: (text: string) => void;
}

export class Queue {
  constructor(private readonly deps: QueueDeps) {
    const { store } = deps;
    store.setState({ waiting: readWaiting(deps.recall()) });
    store.subscribe((state, before) => {
      if (state.modelsState === before.modelsState) return;
      const shown = Object.keys(state.waiting).filter((key) => state.threads[key]?.state === "ready");
      for (const key of shown) this.goOn(key);
    });
  }

  add(key: string, said: Said): void {
    const before = this.of(key);
    const message = { ...said, id: this.deps.newId(), isEdited: false };
    this.set(key, { ...before, messages: [...before.messages, message] });
    this.deps.store.setState((state) => announced(state, "queued"));
  }

  beginEdit(key: string, id: string): void {
    this.change(key, id, { isEdited: true });
  }

  /** Keep the words, or with null those from before. */
  endEdit(key: string, id: string, text: string | null): void {
    this.change(key, id, text === null ? { isEdited: false } : { isEdited: false, text });
    this.goOn(key);
  }

  remove(key: string, id: string): void {
    const before = this.of(key);
    this.set(key, { ...before, messages: before.messages.filter((one) => one.id !== id) });
  }

  /** The person wants what was held to go. */
  release(key: string): void {
    this.set(key, { ...this.of(key), isHeld: false });
    this.goOn(key);
  }

  /** An answer of this conversation ended. */
  ended(key: string, wasWell: boolean): void {
    if (wasWell) this.goOn(key);
    else this.hold(key);
  }

  hold(key: string): void {
    const before = this.of(key);
    if (before.messages.length > 0) this.set(key, { ...before, isHeld: true });
  }

  /** Send the next one, if it may go. */
  goOn(key: string): void {
    const { messages, isHeld } = this.of(key);
    const next = messages[0];
    const state = this.deps.store.getState();
    if (next === undefined || next.isEdited || isHeld || isRunning(state, key)) return;
    // Whom to ask is not known yet; that is no reason to hold it.
    if (state.modelsState === "loading") return;
    if (!this.deps.ask(key, { text: next.text, attachments: next.attachments })) this.hold(key);
    else this.remove(key, next.id);
  }

  /** The server named the conversation. */
  rekey(from: string, to: string): void {
    const moved = this.of(from);
    this.set(from, NOTHING);
    if (moved.messages.length > 0) this.set(to, moved);
  }

  /** Another tab has them. */
  forget(): void {
    this.deps.store.setState({ waiting: {} });
    this.deps.remember("");
  }

  drop(key: string): void {
    this.set(key, NOTHING);
  }

  private of(key: string): Waiting {
    return this.deps.store.getState().waiting[key] ?? NOTHING;
  }

  private change(key: string, id: string, change: Partial<WaitingMessage>): void {
    const before = this.of(key);
    const messages = before.messages.map((one) => (one.id === id ? { ...one, ...change } : one));
    this.set(key, { ...before, messages });
  }

  private set(key: string, waiting: Waiting): void {
    const rest = without(this.deps.store.getState().waiting, key);
    const all = waiting.messages.length === 0 ? rest : { ...rest, [key]: waiting };
    this.deps.store.setState({ waiting: all });
    const kept = Object.entries(all).filter(([one]) => !isTemporary(one));
    this.deps.remember(kept.length === 0 ? "" : JSON.stringify(Object.fromEntries(kept)));
  }
}

/** What an earlier page of this tab left; nothing when it cannot be read. */
export function readWaiting(text: string | null): AllWaiting {
  if (text === null) return {};
  try {
    const all = JSON.parse(text) as AllWaiting;
    return Object.fromEntries(
      Object.entries(all).map(([key, { messages, isHeld }]) => [
        key,
        { isHeld, messages: messages.map(readMessage) },
      ]),
    );
  } catch {
    return {};
  }
}

/** Earlier pages kept words only. */
function readMessage({
  id,
  text,
  attachments,
}: Partial<WaitingMessage> & { id: string; text: string }): WaitingMessage {
  return { id, text, attachments: (attachments ?? []).filter(isAttachment), isEdited: false };
}
