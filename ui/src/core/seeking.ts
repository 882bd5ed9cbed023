/** Messages that are looked for: finding them on the server, and showing the one that is meant, on whatever branch it is. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import type { ChatState, Sought } from "./state";
import { openThread } from "./state";
import { pathTo } from "./tree";
import type { WireHit, WirePage } from "./wire";

export interface SeekingDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  /** Whether a conversation is about to be deleted. */
  readonly isDoomed: (conversation: string) => boolean;
  readonly goTo: (conversation: string, item: string) => void;
  /** Show the branch of the open conversation that goes through this item. */
  readonly switchTo: (item: string) => void;
}

export class Seeking {
  /** Which wish for a message was granted; the person may have gone to another branch since. */
  private revealed = 0;

  constructor(private readonly deps: SeekingDeps) {}

  /** One page of what the server finds; `after` is the id of the last hit seen. */
  async find(query: string, after: string | null): Promise<WirePage<WireHit>> {
    const page = await this.deps.api.search(query, after);
    return { ...page, data: page.data.filter((hit) => !this.deps.isDoomed(hit.conversation)) };
  }

  /** Go to a message, on whatever branch it is, and mark these words in it. */
  show(conversation: string, item: string, words: readonly string[]): void {
    this.seek({ conversation, item, words });
    this.deps.goTo(conversation, item);
    if (this.deps.store.getState().open === conversation) this.reveal();
  }

  /** The address names a message: a new wish, unless it is the one that is known. */
  meant(conversation: string, item: string): void {
    const { sought } = this.deps.store.getState();
    if (sought?.conversation !== conversation || sought.item !== item) {
      this.seek({ conversation, item, words: [] });
    }
  }

  /** Show the branch that holds the message that is looked for, if it is here. */
  reveal(): void {
    const state = this.deps.store.getState();
    const { open, sought } = state;
    const thread = openThread(state);
    if (sought === null || sought.conversation !== open || thread.nodes[sought.item] === undefined) return;
    if (sought.count === this.revealed) return;
    this.revealed = sought.count;
    if (!pathTo(thread, thread.head).includes(sought.item)) this.deps.switchTo(sought.item);
  }

  private seek(sought: Omit<Sought, "count">): void {
    this.deps.store.setState((state) => ({
      sought: { ...sought, count: (state.sought?.count ?? 0) + 1 },
    }));
  }
}
