/**
 * Deleting a message and what follows it, with a while to think again: it leaves the page at once, and the server only
 * when that while is over, the page is left, or something else is deleted.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { LOCAL } from "./runs";
import type { ChatState } from "./state";
import { announced, isRunning } from "./state";
import { branchPutBack, withoutBranch } from "./steps";
import type { Thread } from "./tree";
import type { WireTree } from "./wire";

/** How long a deletion can be undone. */
export const UNDO_MS = 8_000;
/** How often a deletion is tried again that a running answer stands in the way of. */
const RETRY_MS = 2_000;

/** What was deleted last and can still be undone. */
export interface Deleted {
  readonly conversation: string;
  /** The uppermost of what is gone. */
  readonly item: string;
}

export interface TrashDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  /** What the server was not told of yet, over a reload of this tab. */
  readonly remembered: {
    deleted(): string | null;
    rememberDeleted(text: string): void;
  };
}

export class Trash {
  /** What is being told to the server, by item. */
  private readonly telling = new Set<string>();
  private before: Thread | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(private readonly deps: TrashDeps) {}

  /** Take `item` and everything below it off the page. */
  remove(conversation: string, item: string): void {
    void this.commit();
    const thread = this.thread(conversation);
    if (thread === undefined) return;
    this.before = thread;
    this.setThread(conversation, withoutBranch(thread, item));
    this.deps.store.setState((state) => ({
      ...announced(state, "deleted"),
      deleted: { conversation, item },
    }));
    this.timer = setTimeout(() => void this.commit(), UNDO_MS);
  }

  undo(): void {
    const { deleted } = this.deps.store.getState();
    const thread = deleted === null ? undefined : this.thread(deleted.conversation);
    if (deleted === null || this.before === null || thread === undefined) return;
    this.setThread(deleted.conversation, branchPutBack(thread, this.before, deleted.item));
    this.forget();
    this.deps.store.setState((state) => announced(state, "restored"));
  }

  /** It is gone for good from now on. Resolves when the server knows. */
  async commit(): Promise<void> {
    const { deleted } = this.deps.store.getState();
    if (deleted === null) return;
    this.forget();
    this.note([...this.noted(), deleted]);
    await this.tell(deleted);
  }

  /** A conversation as the server has it, without what was deleted here or by the page before. */
  async treeOf(conversation: string): Promise<WireTree> {
    await this.commit();
    const tree = await this.deps.api.tree(conversation);
    const there = new Set(tree.items.map((item) => item.id));
    const noted = this.noted().filter((one) => one.conversation === conversation);
    for (const gone of noted.filter((one) => !there.has(one.item))) this.told(gone);
    const left = noted.filter((one) => there.has(one.item));
    if (left.length === 0) return tree;
    await Promise.all(left.map((one) => this.tell(one)));
    const still = new Set(this.noted().map((one) => one.item));
    return pruned(await this.deps.api.tree(conversation), still);
  }

  private async tell(deleted: Deleted): Promise<void> {
    if (this.telling.has(deleted.item)) return;
    this.telling.add(deleted.item);
    await this.tryToTell(deleted);
  }

  private async tryToTell(deleted: Deleted): Promise<void> {
    try {
      await this.deps.api.deleteBranch(deleted.conversation, deleted.item);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        // An answer runs there, or the server is away: it must not come back by that.
        setTimeout(() => void this.tryToTell(deleted), RETRY_MS);
        return;
      }
    }
    this.telling.delete(deleted.item);
    this.told(deleted);
    await this.tellHead(deleted.conversation).catch(() => undefined);
  }

  private told(deleted: Deleted): void {
    this.note(this.noted().filter((one) => one.item !== deleted.item));
  }

  private noted(): readonly Deleted[] {
    try {
      return JSON.parse(this.deps.remembered.deleted() ?? "[]") as Deleted[];
    } catch {
      return [];
    }
  }

  private note(deleted: readonly Deleted[]): void {
    this.deps.remembered.rememberDeleted(deleted.length === 0 ? "" : JSON.stringify(deleted));
  }

  /** The server went up from what is gone; the page may have gone to what stood beside it. */
  private async tellHead(conversation: string): Promise<void> {
    const head = this.thread(conversation)?.head ?? null;
    if (head === null || head.startsWith(LOCAL) || isRunning(this.deps.store.getState(), conversation))
      return;
    await this.deps.api.changeConversation(conversation, { "maru:head": head });
  }

  private forget(): void {
    clearTimeout(this.timer);
    this.before = null;
    this.deps.store.setState({ deleted: null });
  }

  private thread(key: string): Thread | undefined {
    return this.deps.store.getState().threads[key]?.thread;
  }

  private setThread(key: string, thread: Thread): void {
    this.deps.store.setState((state) => ({
      threads: { ...state.threads, [key]: { state: "ready", thread } },
    }));
  }
}

/** The tree without these items and everything below them. */
function pruned(tree: WireTree, gone: ReadonlySet<string>): WireTree {
  const dropped = new Set<string>();
  let head = tree.head;
  // Parents come before children.
  for (const { id, "maru:parent": parent = null } of tree.items) {
    if (!gone.has(id) && (parent === null || !dropped.has(parent))) continue;
    dropped.add(id);
    if (head === id) head = parent;
  }
  for (const { id, "maru:parent": parent = null } of tree.items.toReversed()) {
    if (id === head && dropped.has(id)) head = parent;
  }
  return { ...tree, head, items: tree.items.filter((item) => !dropped.has(item.id)) };
}
