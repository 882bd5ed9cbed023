/** Several models asked at once: which ones, whose answers stand side by side, and with which one the chat goes on. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { mightSee } from "./attachments";
import { OF_NEW_CHAT } from "./chat-settings";
import type { Comparison } from "./columns";
import { columnsOf } from "./columns";
import { isTemporary } from "./frames";
import type { Runs } from "./runs";
import { LOCAL } from "./runs";
import type { ChatState } from "./state";
import { isReady, isRunning, oneModel, threadAt, threadChanged } from "./state";
import { headMoved, without } from "./steps";
import type { Thread } from "./tree";
import { pathTo } from "./tree";

export const FEWEST = 2;
/** As many answers to one message may run at once. */
export const MOST = 4;

export interface ComparingDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  readonly runs: () => Runs;
  /** Show the branch that goes through this item. */
  readonly switchTo: (item: string) => void;
  readonly recall: () => string | null;
  readonly remember: (text: string) => void;
}

export class Comparing {
  /** Threads where the server's head is the answer that ended last, which need not be the one that is shown. */
  private readonly unsettled = new Set<string>();
  /** By thread, the answer that was shown before others were asked beside it; none of them may find a word. */
  private readonly shownBefore = new Map<string, string>();

  constructor(private readonly deps: ComparingDeps) {}

  /** Which models the next question of the open chat goes to; none: one, as ever. */
  choose(models: readonly string[]): void {
    const key = this.state.open ?? OF_NEW_CHAT;
    this.deps.store.setState(({ comparedModels }) => ({
      comparedModels:
        models.length === 0 ? without(comparedModels, key) : { ...comparedModels, [key]: models },
    }));
  }

  /** Answers of more models to a message of the open conversation, beside those that are there or run. */
  askMore(prompt: string, models: readonly string[]): void {
    const { open } = this.state;
    const running = Object.keys(threadAt(this.state, open).runs).length;
    if (open === null || running + models.length > MOST) return;
    const conversation = Promise.resolve(open);
    const { head } = threadAt(this.state, open);
    if (head !== null && head !== prompt) this.shownBefore.set(open, head);
    void this.deps.runs().ask({ key: open, parent: prompt, said: null, models, conversation });
    this.began(open, prompt);
  }

  /** Stop one of the answers that are written. */
  stopOne(lane: string): void {
    if (this.state.open !== null) this.deps.runs().stopOne(this.state.open, lane);
  }

  /** Several models were asked just now in this thread, or were found to be. Without `prompt` none of them has a word yet. */
  began(key: string, prompt?: string): void {
    this.unsettled.add(key);
    const asked = prompt ?? Object.values(threadAt(this.state, key).runs)[0]?.anchor;
    if (asked) this.show(key, asked);
  }

  /** Show all answers to a message of the open conversation side by side. */
  open(prompt: string): void {
    if (this.state.open !== null) this.show(this.state.open, prompt);
  }

  /** Show one answer again. */
  close(): void {
    const { open } = this.state;
    if (open !== null) this.closeIn(open);
  }

  /** The chat goes on below the answer that begins with `first`; others that are still written are stopped. */
  keep(first: string): void {
    const { open } = this.state;
    if (open === null) return;
    const thread = threadAt(this.state, open);
    const response = thread.nodes[first]?.response ?? null;
    for (const run of Object.values(thread.runs)) {
      if (response === null || run.responseId !== response) this.deps.runs().stopOne(open, run.streamId);
    }
    this.closeIn(open);
    this.unsettled.add(open);
    this.deps.switchTo(first);
  }

  /** A question was sent: what stood side by side is one branch now, and what was chosen was used. */
  asked(key: string | null): void {
    this.deps.store.setState(({ comparedModels }) => ({
      comparedModels: without(comparedModels, key ?? OF_NEW_CHAT),
    }));
    if (key !== null) this.closeIn(key);
  }

  /** The server named the conversation. */
  rekey(from: string, to: string): void {
    if (this.unsettled.delete(from)) this.unsettled.add(to);
  }

  /** An answer of this thread ended; after the last one the server's head is what is shown here. */
  ended(key: string): void {
    if (isRunning(this.state, key)) return;
    this.showAgain(key);
    if (!this.unsettled.delete(key) || isTemporary(key)) return;
    const { head } = threadAt(this.state, key);
    if (head === null || head.startsWith(LOCAL)) return;
    this.deps.api.changeConversation(key, { "maru:head": head }).catch(() => undefined);
  }

  /** What an earlier page of this tab showed side by side in this thread, which was just loaded. */
  restore(key: string): void {
    const thread = threadAt(this.state, key);
    if (Object.keys(thread.runs).length > 1) this.began(key);
    const kept = readKept(this.deps.recall())[key];
    if (kept !== undefined && thread.nodes[kept.question] !== undefined) {
      this.show(key, kept.question, kept.models);
    }
  }

  /** For the next page of this tab. */
  save(): void {
    const kept: Record<string, Comparison> = {};
    for (const [key, { question, models }] of Object.entries(this.state.comparisons)) {
      const item = promptOf(threadAt(this.state, key), question);
      if (item !== null && !item.startsWith(LOCAL) && !isTemporary(key))
        kept[key] = { question: item, models };
    }
    this.deps.remember(Object.keys(kept).length === 0 ? "" : JSON.stringify(kept));
  }

  /** What was asked last left the head at its question, where the chat cannot go on. */
  private showAgain(key: string): void {
    const before = this.shownBefore.get(key);
    this.shownBefore.delete(key);
    const thread = threadAt(this.state, key);
    if (before === undefined || thread.head === null || !pathTo(thread, before).includes(thread.head)) return;
    this.deps.store.setState((state) => threadChanged(state, key, (one) => headMoved(one, before)));
  }

  private get state(): ChatState {
    return this.deps.store.getState();
  }

  /** In this order, or in the one in which they stand already. */
  private show(key: string, prompt: string, order?: readonly string[]): void {
    const thread = threadAt(this.state, key);
    const question = thread.nodes[prompt]?.key ?? prompt;
    const shown = this.state.comparisons[key];
    const standing = shown?.question === question ? shown.models : [];
    const models = columnsOf(thread, prompt, order ?? standing).map(({ model }) => model);
    this.deps.store.setState(({ comparisons }) => ({
      comparisons: { ...comparisons, [key]: { question, models } },
    }));
    this.save();
  }

  private closeIn(key: string): void {
    if (this.state.comparisons[key] === undefined) return;
    this.deps.store.setState(({ comparisons }) => ({ comparisons: without(comparisons, key) }));
    this.save();
  }
}

/** Models that a new question in this thread goes to; empty where none can answer. */
export function askedModels(state: ChatState, key: string | null): readonly string[] {
  const chosen = (state.comparedModels[key ?? OF_NEW_CHAT] ?? []).filter((id) =>
    isReady(state.models.find((model) => model.id === id)),
  );
  if (chosen.length >= FEWEST) return chosen;
  return oneModel(state, key);
}

/** The several models that a message which the server never took goes to once more; undefined: as ever. */
export function failedModels(thread: Thread, id: string): readonly string[] | undefined {
  const failed = thread.failures[id] ?? [];
  return id.startsWith(LOCAL) && failed.length >= FEWEST ? failed.map(({ model }) => model) : undefined;
}

/** The first of the models that a new question in this thread goes to which is not shown images; null: all may be. */
export function blindModel(state: ChatState, key: string | null): string | null {
  const models = askedModels(state, key).map((id) => state.models.find((model) => model.id === id));
  return models.find((model) => !mightSee(model))?.id ?? null;
}

/** The message whose row key this is. */
export function promptOf(thread: Thread, question: string): string | null {
  if (thread.nodes[question] !== undefined) return question;
  return Object.values(thread.nodes).find((node) => node.key === question)?.id ?? null;
}

function readKept(text: string | null): Record<string, Comparison> {
  try {
    return text ? (JSON.parse(text) as Record<string, Comparison>) : {};
  } catch {
    return {};
  }
}
