/**
 * The list of conversations: fetched page by page, changed at once here and then on the server.
 *
 * What is deleted can be brought back for a while: it leaves the page at once, and the server when that while is over,
 * the page is left, or another is deleted. It is noted in the browser, so that it goes also after a crash of the tab.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Api, ConversationChange } from "./api";
import { ApiError } from "./api";
import { Doomed } from "./doomed";
import { Folders } from "./folders";
import { Freshness } from "./freshness";
import type { ChatState, Conversation } from "./state";
import { announced, conversationFor, conversationOf, withoutListed } from "./state";
import { without } from "./steps";

/** How long what was taken off the list can be brought back. */
export const UNDO_MS = 8_000;

/** When a title is looked for after the first answer, each after the one before. */
const LOOK_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/** What was taken off the list last and can still be brought back. */
export interface TakenOff {
  readonly conversation: Conversation;
  readonly to: "trash" | "archive";
}

export interface ListingDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  /** Stop and forget whatever goes on in a conversation that is about to be gone, and do not show it any more. */
  readonly leave: (id: string) => void;
  /** Show a conversation that was gone. */
  readonly goTo: (id: string) => void;
  /** It is deleted for good. */
  readonly gone: (id: string) => void;
  readonly remembered: {
    doomed(): string | null;
    rememberDoomed(text: string): void;
    openFolders(): string | null;
    rememberOpenFolders(text: string): void;
  };
}

export class Listing {
  readonly folders: Folders;
  private readonly doomed: Doomed;
  private readonly fresh = new Freshness();
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;
  /** The conversation was on the screen when it was deleted. */
  private wasOpen = false;

  constructor(private readonly deps: ListingDeps) {
    this.doomed = new Doomed({
      waitMs: UNDO_MS,
      recall: () => deps.remembered.doomed(),
      remember: (text) => deps.remembered.rememberDoomed(text),
      carryOut: (id) => this.deleteNow(id),
    });
    this.folders = new Folders({
      store: deps.store,
      api: deps.api,
      fresh: this.fresh,
      recall: () => deps.remembered.openFolders(),
      remember: (text) => deps.remembered.rememberOpenFolders(text),
      put: (fresh, others) => this.listed(fresh, others),
      move: (id, folder) => this.change(id, { folder }, { "maru:folder": folder ?? "none" }),
      reload: () => this.load(),
    });
  }

  /** Carry out what a tab of this browser left undone. */
  start(): void {
    this.doomed.start();
    this.folders.start();
  }

  /** The first page of the list, all that is pinned, and the folders; older pages that are on the screen stay. */
  async load(): Promise<void> {
    await Promise.all([this.loadNewest(), this.folders.load()]);
  }

  private async loadNewest(): Promise<void> {
    const { api, store } = this.deps;
    try {
      const found = await this.fresh.newest(() =>
        Promise.all([
          api.conversations(null, { archived: false, folder: "none" }),
          api.conversations(null, { archived: false, pinned: true }),
        ]),
      );
      if (found === null) return;
      const [page, pinned] = found;
      const oldest = page.data.at(-1);
      const oldestAt = oldest === undefined ? 0 : conversationOf(oldest).updatedAt;
      const fresh = new Set([...page.data, ...pinned.data].map((one) => one.id));
      store.setState((state) => {
        const others = state.conversations.filter((one) => !fresh.has(one.id) && !one.isPinned);
        const older = others.filter(
          (one) => one.folder === null && page.has_more && one.updatedAt <= oldestAt,
        );
        const filed = others.filter((one) => one.folder !== null);
        return {
          conversations: this.listed([...page.data, ...pinned.data].map(conversationOf), [
            ...older,
            ...filed,
          ]),
          others: withoutListed(state.others, fresh),
          listState: "ready",
          hasMore: older.length > 0 ? state.hasMore : page.has_more,
        };
      });
    } catch {
      store.setState((state) => ({ listState: state.listState === "ready" ? "ready" : "failed" }));
    }
  }

  async loadMore(): Promise<void> {
    const { api, store } = this.deps;
    const { conversations, hasMore } = store.getState();
    // What is pinned may stand below what was not fetched yet.
    const last =
      conversations.findLast((one) => !one.isPinned && one.folder === null) ?? conversations.at(-1);
    if (last === undefined || !hasMore) return;
    try {
      const page = await this.fresh.current(() =>
        api.conversations(last.id, { archived: false, folder: "none" }),
      );
      store.setState((state) => ({
        conversations: this.listed(page.data.map(conversationOf), state.conversations),
        hasMore: page.has_more,
      }));
    } catch {
      // The button stays; pressing it again tries again.
    }
  }

  /** Fetch a page of what was put away; `after` is the id of the last one seen. They are known as `others` then. */
  async archived(after: string | null): Promise<{ ids: readonly string[]; hasMore: boolean }> {
    const { api, store } = this.deps;
    const page = await this.fresh.current(() => api.conversations(after, { archived: true }));
    const found = page.data.map(conversationOf).filter((one) => !this.doomed.has(one.id));
    store.setState((state) => ({
      others: { ...state.others, ...Object.fromEntries(found.map((one) => [one.id, one])) },
    }));
    return { ids: found.map((one) => one.id), hasMore: page.has_more };
  }

  /** Learn what a conversation is that stands in no list here. */
  async learn(id: string): Promise<void> {
    const { api, store } = this.deps;
    if (store.getState().conversations.some((one) => one.id === id)) return;
    try {
      const found = conversationOf(await this.fresh.current(() => api.conversation(id)));
      store.setState(({ conversations, others }) =>
        // The list may have come meanwhile.
        conversations.some((one) => one.id === id) ? {} : { others: { ...others, [id]: found } },
      );
    } catch {
      // It has its first words for a name.
    }
  }

  /** The first answer ended: a model may write a title in the background now. */
  async lookForTitle(id: string): Promise<void> {
    const { api, store } = this.deps;
    const before = conversationFor(store.getState(), id)?.title ?? null;
    const nodes = Object.values(store.getState().threads[id]?.thread.nodes ?? {});
    if (nodes.filter((node) => node.role === "user").length !== 1) return;
    for (const wait of LOOK_AFTER_MS) {
      // oxlint-disable-next-line no-await-in-loop -- each look waits for the one before
      await new Promise((resolve) => setTimeout(resolve, wait));
      try {
        // oxlint-disable-next-line no-await-in-loop
        const { title } = conversationOf(await api.conversation(id));
        // The person may have named it since.
        if ((conversationFor(store.getState(), id)?.title ?? null) !== before) return;
        if (title !== null && title !== before) {
          this.changeHere(id, { title });
          return;
        }
      } catch {
        // It is gone, or the next look may find it.
      }
    }
  }

  /** Begin a new conversation with what was said up to `item`, and go there. Its refusal is an `ApiError`. */
  async fork(id: string, item: string, title: string | null): Promise<void> {
    const { api, goTo, store } = this.deps;
    const made = conversationOf(await api.forkConversation(id, item, title));
    this.add(made);
    store.setState((state) => announced(state, "chatForked"));
    // Whoever went elsewhere meanwhile stays there.
    if (store.getState().open === id) goTo(made.id);
  }

  /** There is a new one. */
  add(made: Conversation): void {
    this.fresh.changed();
    this.deps.store.setState((state) => ({ conversations: this.listed([made], state.conversations) }));
  }

  rename(id: string, title: string): Promise<void> {
    return this.change(id, { title }, { "maru:title": title });
  }

  pin(id: string, isPinned: boolean): Promise<void> {
    const { store } = this.deps;
    store.setState((state) => announced(state, isPinned ? "chatPinned" : "chatUnpinned"));
    return this.change(id, { isPinned }, { "maru:pinned": isPinned });
  }

  /** Put it away; it is still found, and can be brought back. */
  async archive(id: string): Promise<void> {
    const { store } = this.deps;
    const conversation = conversationFor(store.getState(), id);
    if (conversation === undefined) return;
    this.settle();
    const away = { ...conversation, isArchived: true };
    store.setState((state) => ({
      ...announced(state, "chatArchived"),
      conversations: state.conversations.filter((one) => one.id !== id),
      others: { ...state.others, [id]: away },
    }));
    this.offerUndo({ conversation: away, to: "archive" });
    await this.tell(id, { "maru:archived": true });
  }

  async bringBack(id: string): Promise<void> {
    const { store } = this.deps;
    const conversation = conversationFor(store.getState(), id);
    if (conversation === undefined) return;
    const back = { ...conversation, isArchived: false };
    store.setState((state) => ({
      ...announced(state, "chatBack"),
      conversations: this.listed([back], state.conversations),
      others: without(state.others, id),
    }));
    await this.tell(id, { "maru:archived": false });
  }

  /** Take it off the page; `UNDO_MS` later it is gone for good. */
  remove(id: string): void {
    const { leave, store } = this.deps;
    this.settle();
    const state = store.getState();
    this.wasOpen = state.open === id;
    const conversation = conversationFor(state, id);
    leave(id);
    this.doomed.add(id);
    store.setState((now) => ({
      ...announced(now, "chatDeleted"),
      conversations: now.conversations.filter((one) => one.id !== id),
      others: without(now.others, id),
      threads: without(now.threads, id),
    }));
    if (conversation === undefined) this.doomed.carryOutNow(id);
    else this.offerUndo({ conversation, to: "trash" });
  }

  /** Bring back what was taken off last. */
  async undo(): Promise<void> {
    const { goTo, store } = this.deps;
    const { takenOff } = store.getState();
    if (takenOff === null) return;
    const { conversation, to } = takenOff;
    this.forgetUndo();
    if (to === "archive") {
      await this.bringBack(conversation.id);
      return;
    }
    this.doomed.spare(conversation.id);
    store.setState((state) => ({
      ...announced(state, "chatBack"),
      ...(conversation.isArchived
        ? { others: { ...state.others, [conversation.id]: conversation } }
        : { conversations: this.listed([conversation], state.conversations) }),
    }));
    if (this.wasOpen) goTo(conversation.id);
  }

  /** Nothing can be brought back any more; called when the page is left, too. */
  settle(): void {
    const { takenOff } = this.deps.store.getState();
    if (takenOff === null) return;
    this.forgetUndo();
    if (takenOff.to === "trash") this.doomed.carryOutNow(takenOff.conversation.id);
  }

  isDoomed(id: string): boolean {
    return this.doomed.has(id);
  }

  private offerUndo(takenOff: TakenOff): void {
    this.deps.store.setState({ takenOff });
    this.timer = setTimeout(() => this.settle(), UNDO_MS);
  }

  private forgetUndo(): void {
    clearTimeout(this.timer);
    this.deps.store.setState({ takenOff: null });
  }

  private async change(id: string, here: Partial<Conversation>, there: ConversationChange): Promise<void> {
    this.changeHere(id, here);
    await this.tell(id, there);
  }

  private changeHere(id: string, here: Partial<Conversation>): void {
    const changed = (one: Conversation): Conversation => (one.id === id ? { ...one, ...here } : one);
    this.deps.store.setState((state) => {
      const other = state.others[id];
      return {
        conversations: state.conversations.map(changed),
        others: other === undefined ? state.others : { ...state.others, [id]: changed(other) },
      };
    });
  }

  private async tell(id: string, change: ConversationChange): Promise<void> {
    try {
      await this.fresh.tell(this.deps.api.changeConversation(id, change));
    } catch {
      await this.load();
    }
  }

  private async deleteNow(id: string): Promise<boolean> {
    try {
      await this.deps.api.deleteConversation(id);
    } catch (error) {
      return error instanceof ApiError && error.status === 404;
    }
    this.fresh.changed();
    this.deps.gone(id);
    // The browser keeps copies of the list, in which it must not stay.
    void this.load();
    return true;
  }

  /** `fresh` and what else is known, newest first, each once and without what is about to be gone. */
  private listed(fresh: readonly Conversation[], others: readonly Conversation[]): Conversation[] {
    const all = new Map([...others, ...fresh].map((one) => [one.id, one]));
    return [...all.values()]
      .filter((one) => !this.doomed.has(one.id))
      .toSorted((one, other) => other.updatedAt - one.updatedAt || (one.id < other.id ? 1 : -1));
  }
}
