/** The prompts that a person uses again: the list on the page, and each save as a version at the server. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { Freshness } from "./freshness";
import type { ChatState } from "./state";
import type { PromptWords, WirePrompt, WirePromptVersion } from "./wire";

export class Prompts {
  private readonly fresh = new Freshness();

  constructor(
    private readonly store: StoreApi<ChatState>,
    private readonly api: Api,
  ) {}

  /** Look what the server has; what was loaded before is shown meanwhile. */
  async load(): Promise<void> {
    try {
      const found = await this.fresh.newest(() => this.api.prompts());
      if (found !== null) this.set(found);
    } catch {
      this.store.setState(({ prompts }) => ({
        prompts: prompts.state === "ready" ? prompts : { ...prompts, state: "failed" },
      }));
    }
  }

  /** Keep a new one (null), or save one again. Rejects when the server refuses. */
  async save(id: string | null, words: PromptWords): Promise<WirePrompt> {
    const saved = await this.fresh.tell(
      id === null ? this.api.addPrompt(words) : this.api.changePrompt(id, words),
    );
    const { list } = this.store.getState().prompts;
    const isThere = list.some((one) => one.id === saved.id);
    this.set(isThere ? list.map((one) => (one.id === saved.id ? saved : one)) : [...list, saved]);
    return saved;
  }

  /** Rejects when the server refuses. */
  async remove(id: string): Promise<void> {
    await this.fresh.tell(this.api.deletePrompt(id));
    this.set(this.store.getState().prompts.list.filter((one) => one.id !== id));
  }

  /** Newest first. */
  versions(id: string): Promise<readonly WirePromptVersion[]> {
    return this.api.promptVersions(id);
  }

  private set(list: readonly WirePrompt[]): void {
    this.store.setState({ prompts: { state: "ready", list } });
  }
}
