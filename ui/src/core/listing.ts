/** The list of conversations: fetched page by page, changed at once here and then on the server. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import type { ChatState } from "./state";
import { conversationOf } from "./state";
import { without } from "./steps";

export interface ListingDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  /** Stop and forget whatever goes on in a conversation that is about to be gone, and do not show it any more. */
  readonly leave: (id: string) => void;
}

export class Listing {
  constructor(private readonly deps: ListingDeps) {}

  /** The first page of the list; older pages that are on the screen stay. */
  async load(): Promise<void> {
    const { api, store } = this.deps;
    try {
      const page = await api.conversations(null);
      const fresh = page.data.map(conversationOf);
      const oldest = fresh.at(-1)?.updatedAt ?? 0;
      const known = new Set(fresh.map((one) => one.id));
      store.setState((state) => {
        const older = page.has_more
          ? state.conversations.filter((one) => !known.has(one.id) && one.updatedAt <= oldest)
          : [];
        return {
          conversations: [...fresh, ...older],
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
    const last = conversations.at(-1);
    if (last === undefined || !hasMore) return;
    try {
      const page = await api.conversations(last.id);
      store.setState((state) => {
        const known = new Set(state.conversations.map((one) => one.id));
        const more = page.data.map(conversationOf).filter((one) => !known.has(one.id));
        return { conversations: [...state.conversations, ...more], hasMore: page.has_more };
      });
    } catch {
      // The button stays; pressing it again tries again.
    }
  }

  async rename(id: string, title: string): Promise<void> {
    const { api, store } = this.deps;
    store.setState((state) => ({
      conversations: state.conversations.map((one) =>
        one.id === id ? Object.assign({}, one, { title }) : one,
      ),
    }));
    try {
      await api.changeConversation(id, { "maru:title": title });
    } catch {
      await this.load();
    }
  }

  async remove(id: string): Promise<void> {
    const { api, leave, store } = this.deps;
    leave(id);
    store.setState((state) => ({
      conversations: state.conversations.filter((one) => one.id !== id),
      threads: without(state.threads, id),
    }));
    try {
      await api.deleteConversation(id);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) await this.load();
    }
  }
}
