/**
 * What the person has sent: it goes at once, or waits for the end of an answer, or for its files to arrive. Whichever chat
 * is looked at meanwhile, it goes in the one that it was written in.
 */
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";

import type { Attaching } from "./attaching";
import type { Said } from "./attachments";
import { hasImages, isNothing } from "./attachments";
import { OF_NEW_CHAT } from "./chat-settings";
import { blindModel } from "./comparing";
import type { Drafts } from "./drafts";
import type { Queue } from "./queue";
import type { ChatState } from "./state";
import { announced, isReady, isRunning, modelFor } from "./state";
import { without } from "./steps";

export interface SendingDeps {
  readonly store: StoreApi<ChatState>;
  readonly attaching: Attaching;
  readonly drafts: Drafts;
  readonly queue: Queue;
  /** Say this below the head of that conversation, null: in a new one; false when that cannot be done now. */
  readonly ask: (key: string | null, said: Said) => boolean;
}

export class Sending {
  /** Thread keys of messages that go when their files have arrived. */
  readonly waits = createStore<Readonly<Record<string, true>>>(() => ({}));

  constructor(private readonly deps: SendingDeps) {
    deps.attaching.store.subscribe(() => queueMicrotask(() => this.look()));
    deps.store.subscribe((now, was) => {
      const isOther = (["models", "modelsState", "threads"] as const).some((part) => now[part] !== was[part]);
      if (isOther && Object.keys(this.waits.getState()).length > 0) queueMicrotask(() => this.look());
    });
  }

  /**
   * Send a message, with what was attached to it, below the head of a conversation, or let it wait: for an answer that
   * runs there, or for what may be newer than the copy that is shown. False when neither may be done now.
   */
  send(key: string | null, text: string): boolean {
    const { attaching, queue, drafts, ask } = this.deps;
    const state = this.deps.store.getState();
    const attachments = attaching.ready(key);
    if (attachments === null || !isReady(modelFor(state, key))) return false;
    if (hasImages(attachments) && blindModel(state, key) !== null) return false;
    const said = { text: text.trim(), attachments };
    if (isNothing(said)) return false;
    const condition = key === null ? "ready" : state.threads[key]?.state;
    if (condition !== "ready" && condition !== "copy") return false;
    if (key !== null && (condition === "copy" || isRunning(state, key))) queue.add(key, said);
    else if (!ask(key, said)) return false;
    attaching.clear(key);
    drafts.keep(key, "");
    this.stopWaiting(key);
    return true;
  }

  /** What is written in this conversation cannot go yet, and will soon: its files, the models or what was said come. */
  mustWait(key: string | null): boolean {
    const { modelsState, threads } = this.deps.store.getState();
    const isLoading = key !== null && threads[key]?.state === "loading";
    return this.deps.attaching.isBusy(key) || modelsState === "loading" || isLoading;
  }

  /** Send what is written in this conversation as soon as its files have arrived, and there is somebody to ask. */
  waitForFiles(key: string | null): void {
    this.waits.setState({ [key ?? OF_NEW_CHAT]: true });
  }

  /** The conversation is gone. */
  drop(key: string): void {
    this.stopWaiting(key);
  }

  /** The person does not want it to go yet. */
  stopWaiting(key: string | null): void {
    this.waits.setState((waits) => without(waits, key ?? OF_NEW_CHAT), true);
  }

  /** The server named the conversation. */
  rekey(from: string, to: string): void {
    if (this.waits.getState()[from] !== true) return;
    this.stopWaiting(from);
    this.waitForFiles(to);
  }

  private look(): void {
    for (const place of Object.keys(this.waits.getState())) {
      const key = place === OF_NEW_CHAT ? null : place;
      if (this.deps.attaching.isBusy(key) || this.isSoon(key)) continue;
      this.stopWaiting(key);
      const { attaching, drafts } = this.deps;
      const isEmpty = drafts.of(key).trim() === "" && attaching.of(key).length === 0;
      if (!isEmpty && !this.send(key, drafts.of(key))) this.staysBehind(key);
    }
  }

  /** What is loading, the model or the conversation, is all that the message waits for. */
  private isSoon(key: string | null): boolean {
    const state = this.deps.store.getState();
    if (this.deps.attaching.ready(key) === null) return false;
    if (key !== null && state.threads[key]?.state === "loading") return true;
    return state.modelsState === "loading" || modelFor(state, key)?.["maru:state"] === "loading";
  }

  /** The person may be looking at another conversation. */
  private staysBehind(key: string | null): void {
    this.deps.store.setState((state) => ({
      ...announced(state, "notSent"),
      unread: key === null || key === state.open ? state.unread : { ...state.unread, [key]: true },
    }));
  }
}
