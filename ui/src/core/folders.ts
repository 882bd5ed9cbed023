/** Folders of conversations: which there are, which are open, and what lies in them. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { Freshness } from "./freshness";
import type { ChatState, Conversation, Folder } from "./state";
import { announced, conversationOf, withoutListed } from "./state";
import { without } from "./steps";

export interface FoldersDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  /** Of the list, which holds what lies in folders, too. */
  readonly fresh: Freshness;
  /** Which are open, as the browser remembers it. */
  readonly recall: () => string | null;
  readonly remember: (text: string) => void;
  /** Put these into the list, each once and in order. */
  readonly put: (fresh: readonly Conversation[], others: readonly Conversation[]) => Conversation[];
  /** Change a conversation here and on the server. */
  readonly move: (id: string, folder: string | null) => Promise<void>;
  readonly reload: () => Promise<void>;
}

export class Folders {
  /** Of which folders there are. */
  private readonly fresh = new Freshness();

  constructor(private readonly deps: FoldersDeps) {}

  start(): void {
    const open = (this.deps.recall() ?? "").split(" ").filter(Boolean);
    this.deps.store.setState({ openFolders: open });
  }

  /** All folders, and what lies in those that are open. */
  async load(): Promise<void> {
    const { api, store } = this.deps;
    try {
      const found = await this.fresh.newest(() => api.folders());
      if (found === null) return;
      const folders = found.map(({ id, name }) => ({ id, name }));
      store.setState({ folders });
      const there = new Set(folders.map((one) => one.id));
      await Promise.all(
        store
          .getState()
          .openFolders.filter((id) => there.has(id))
          .map((id) => this.loadInside(id)),
      );
    } catch {
      // What is there stays; the list tells that the server is away.
    }
  }

  async loadMore(id: string): Promise<void> {
    const last = this.inside(id).at(-1);
    if (last === undefined) return;
    try {
      await this.fetch(id, last.id);
    } catch {
      // The button stays.
    }
  }

  async setOpen(id: string, isOpen: boolean): Promise<void> {
    const { store, remember } = this.deps;
    const others = store.getState().openFolders.filter((one) => one !== id);
    const openFolders = isOpen ? [...others, id] : others;
    store.setState({ openFolders });
    remember(openFolders.join(" "));
    if (isOpen) await this.loadInside(id).catch(() => undefined);
  }

  /** A new folder with a conversation in it, or none; its name is asked for. */
  async create(name: string, conversation: string | null): Promise<void> {
    const { api, store, move } = this.deps;
    const { id } = await api.createFolder(name);
    this.fresh.changed();
    store.setState((state) => ({
      ...announced(state, "folderMade"),
      folders: [...state.folders.filter((one) => one.id !== id), { id, name }],
      namedFolder: id,
    }));
    await Promise.all([conversation === null ? null : move(conversation, id), this.setOpen(id, true)]);
  }

  async rename(id: string, name: string): Promise<void> {
    const { api, store } = this.deps;
    store.setState((state) => ({
      folders: state.folders.map((one): Folder => (one.id === id ? { id, name } : one)),
    }));
    try {
      await this.fresh.tell(api.renameFolder(id, name));
    } catch {
      await this.load();
    }
  }

  /** The name of a folder is to be written, or (null) it was. */
  askName(id: string | null): void {
    this.deps.store.setState({ namedFolder: id });
  }

  /** It is gone; what lay in it stays. */
  async remove(id: string): Promise<void> {
    const { api, store, reload } = this.deps;
    store.setState((state) => ({
      ...announced(state, "folderGone"),
      folders: state.folders.filter((one) => one.id !== id),
      conversations: state.conversations.map((one): Conversation =>
        one.folder === id ? { ...one, folder: null } : one,
      ),
    }));
    try {
      await this.fresh.tell(this.deps.fresh.tell(api.deleteFolder(id)));
    } finally {
      await reload();
    }
  }

  /** With null into none. */
  async move(conversation: string, folder: string | null): Promise<void> {
    const { store, move } = this.deps;
    store.setState((state) => announced(state, folder === null ? "movedOut" : "movedIn"));
    await move(conversation, folder);
  }

  private inside(id: string): Conversation[] {
    return this.deps.store.getState().conversations.filter((one) => one.folder === id);
  }

  private loadInside(id: string): Promise<void> {
    return this.fetch(id, null);
  }

  private async fetch(id: string, after: string | null): Promise<void> {
    const { api, fresh: list, store, put } = this.deps;
    const page = await list.current(() => api.conversations(after, { archived: false, folder: id }));
    const fresh = page.data.map(conversationOf);
    const isWhole = after === null && !page.has_more;
    store.setState((state) => {
      const others = isWhole ? state.conversations.filter((one) => one.folder !== id) : state.conversations;
      return {
        conversations: put(fresh, others),
        others: withoutListed(state.others, new Set(fresh.map((one) => one.id))),
        fullFolders: page.has_more ? { ...state.fullFolders, [id]: true } : without(state.fullFolders, id),
      };
    });
  }
}
