/**
 * What a person does about what models know: pins, summaries, and facts for all conversations.
 *
 * Every method that ends in a refusal throws the `ApiError`, with the state as the server has it.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { Freshness } from "./freshness";
import { summaryOf } from "./items";
import { LOCAL } from "./runs";
import { sightOf } from "./sight";
import type { Announcement, ChatState, Facts } from "./state";
import { announced } from "./state";
import type { Summary, Thread, TreeNode } from "./tree";
import { EMPTY_THREAD } from "./tree";
import type { WireContextBody, WireMemory } from "./wire";

/**
 * A summary is written in the background after an answer, and after the answers of everybody else: when to look whether it
 * is there, each time after the look before.
 */
const LOOK_AFTER_MS = [0, 4, 10, 10, 20, 20, 30, 30, 60, 60, 120, 120].map((s) => s * 1_000);

export class Memory {
  /** By conversation, the search that goes on. */
  private readonly searches = new Map<string, symbol>();
  private readonly facts = new Freshness();
  private readonly summaries = new Freshness();

  constructor(
    private readonly store: StoreApi<ChatState>,
    private readonly api: Api,
  ) {}

  /** Pin items of the open conversation, or unpin them; shown at once, and taken back when the server refuses. */
  async pin(ids: readonly string[], isPinned: boolean): Promise<void> {
    const key = this.key();
    this.change(key, (thread) => withPins(thread, ids, isPinned));
    try {
      await Promise.all(ids.map((id) => this.api.pinItem(key, id, isPinned)));
    } catch (error) {
      this.change(key, (thread) => withPins(thread, ids, !isPinned));
      throw error;
    }
    this.announce(isPinned ? "pinned" : "unpinned");
  }

  /** An answer ended, or its chat was opened: fetch the summary that stands for what its model saw no more. */
  async lookForSummary(key: string): Promise<void> {
    const search = Symbol(key);
    this.searches.set(key, search);
    for (const wait of LOOK_AFTER_MS) {
      // oxlint-disable-next-line no-await-in-loop -- each look waits for the one before
      await new Promise((resolve) => setTimeout(resolve, wait));
      const isOver = this.searches.get(key) !== search || this.store.getState().open !== key;
      if (isOver || !lacksSummary(this.thread(key))) return;
      try {
        // oxlint-disable-next-line no-await-in-loop
        const summaries = (await this.summaries.current(() => this.api.summaries(key))).map(summaryOf);
        this.change(key, (thread) => ({ ...thread, summaries }));
      } catch {
        // The next look may find more.
      }
    }
  }

  async changeSummary(id: string, text: string): Promise<void> {
    const key = this.key();
    const asked = this.summaries.tell(this.api.changeSummary(key, id, text));
    const summary = summaryOf(await this.orGone(key, id, asked));
    this.change(key, (thread) => withSummary(thread, summary));
    this.announce("summaryKept");
  }

  /** A model writes it again. */
  async renewSummary(id: string): Promise<void> {
    const key = this.key();
    const summary = summaryOf(await this.orGone(key, id, this.api.renewSummary(key, id)));
    this.summaries.changed();
    this.change(key, (thread) => withSummary(thread, summary));
    this.announce("summaryRenewed");
  }

  async deleteSummary(id: string): Promise<void> {
    const key = this.key();
    try {
      await this.summaries.tell(this.api.deleteSummary(key, id));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.change(key, (thread) => withoutSummary(thread, id));
    this.announce("summaryDeleted");
  }

  context(response: string): Promise<WireContextBody> {
    return this.api.context(response);
  }

  /** Ask for the facts again; what is on the page stays meanwhile. */
  async loadFacts(): Promise<void> {
    try {
      const found = await this.facts.newest(() => this.api.memory());
      if (found !== null) this.takeFacts(found);
    } catch {
      this.setFacts((facts) => ({ ...facts, state: facts.state === "ready" ? "ready" : "failed" }));
    }
  }

  async turnFacts(isOn: boolean): Promise<void> {
    this.takeFacts(await this.facts.tell(this.api.turnMemory(isOn)));
  }

  async forgetFacts(): Promise<void> {
    this.takeFacts(await this.facts.tell(this.api.forgetFacts()));
  }

  /** One more fact; `saidHere`: it comes from the open conversation. */
  async addFact(text: string, saidHere: boolean): Promise<void> {
    const { open } = this.store.getState();
    const place = saidHere && open !== null && !open.startsWith(LOCAL) ? open : null;
    const fact = await this.facts.tell(this.api.addFact(text, place));
    // The list may have come with it meanwhile.
    this.setFacts((facts) => ({ ...facts, list: [...facts.list.filter(({ id }) => id !== fact.id), fact] }));
    this.announce("remembered");
  }

  async changeFact(id: string, text: string): Promise<void> {
    const fact = await this.facts.tell(this.api.changeFact(id, text));
    this.setFacts((facts) => ({ ...facts, list: facts.list.map((one) => (one.id === id ? fact : one)) }));
  }

  async deleteFact(id: string): Promise<void> {
    try {
      await this.facts.tell(this.api.deleteFact(id));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.setFacts((facts) => ({ ...facts, list: facts.list.filter((one) => one.id !== id) }));
  }

  private thread(key: string): Thread {
    return this.store.getState().threads[key]?.thread ?? EMPTY_THREAD;
  }

  private key(): string {
    return this.store.getState().open ?? "";
  }

  /** A summary that is gone on the server is gone here. */
  private async orGone<T>(key: string, id: string, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (isGone(error)) this.change(key, (thread) => withoutSummary(thread, id));
      throw error;
    }
  }

  private takeFacts(wire: WireMemory): void {
    this.setFacts((facts) => ({
      state: "ready",
      isOn: wire.enabled,
      list: wire.facts,
      most: wire.max_facts ?? facts.most,
      longest: wire.max_chars ?? facts.longest,
    }));
  }

  private setFacts(step: (facts: Facts) => Facts): void {
    this.store.setState((state) => ({ facts: step(state.facts) }));
  }

  private announce(kind: Announcement["kind"]): void {
    this.store.setState((state) => announced(state, kind));
  }

  private change(key: string, step: (thread: Thread) => Thread): void {
    this.store.setState((state) => {
      const before = state.threads[key];
      if (before === undefined) return state;
      return { threads: { ...state.threads, [key]: { ...before, thread: step(before.thread) } } };
    });
  }
}

export function withPins(thread: Thread, ids: readonly string[], isPinned: boolean): Thread {
  const nodes: Record<string, TreeNode> = { ...thread.nodes };
  for (const id of ids) {
    const node = nodes[id];
    if (node !== undefined) nodes[id] = { ...node, isPinned };
  }
  return { ...thread, nodes };
}

function withSummary(thread: Thread, summary: Summary): Thread {
  return { ...thread, summaries: thread.summaries.map((one) => (one.id === summary.id ? summary : one)) };
}

function withoutSummary(thread: Thread, id: string): Thread {
  return { ...thread, summaries: thread.summaries.filter((one) => one.id !== id) };
}

/** Something is out of the model's sight for which no summary stands that we know of. */
function lacksSummary(thread: Thread): boolean {
  const { from, summary } = sightOf(thread);
  const parent = from === null ? null : thread.nodes[from]?.parent;
  return from !== null && summary?.lastItem !== parent;
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
