/** What a person can do on the page, as methods; the state they change is in `store`, the browser in `SessionDeps`. */
import { createStore } from "zustand/vanilla";

import { ApiError } from "./api";
import { Attaching } from "./attaching";
import type { Said } from "./attachments";
import { filesIn, isNothing, saidIn } from "./attachments";
import { metadataWith, OF_NEW_CHAT } from "./chat-settings";
import { askedModels, blindModel, Comparing, failedModels } from "./comparing";
import { Drafts } from "./drafts";
import { Feedback } from "./feedback";
import { isTemporary, TEMPORARY } from "./frames";
import { Listing } from "./listing";
import { Memory } from "./memory";
import { Moving } from "./moving";
import { Models } from "./models";
import { Prompts } from "./prompts";
import { Queue } from "./queue";
import { LOCAL, Runs } from "./runs";
import { Seeking } from "./seeking";
import { Sending } from "./sending";
import type { SessionDeps } from "./session-deps";
import { SettingsKeeper } from "./settings-keeper";
import { Socket } from "./socket";
import type { Announcement, ChatState, OpenThread } from "./state";
import {
  FIRST_STATE,
  announced,
  chatSettings,
  conditionChanged,
  conversationOf,
  isRunning,
  oneModel,
  openThread,
  threadAt,
  threadChanged,
} from "./state";
import { headMoved, takenBack, without } from "./steps";
import { Trash } from "./trash";
import type { Thread } from "./tree";
import { EMPTY_THREAD, newestLeaf } from "./tree";
import { Voice } from "./voice";

export class Session {
  readonly store = createStore<ChatState>(() => FIRST_STATE);
  readonly memory: Memory;
  readonly list: Listing;
  readonly queue: Queue;
  readonly feedback: Feedback;
  readonly trash: Trash;
  readonly prompts: Prompts;
  readonly settings: SettingsKeeper;
  readonly moving: Moving;
  readonly voice: Voice;
  readonly comparing: Comparing;
  readonly seeking: Seeking;
  readonly attaching: Attaching;
  readonly drafts: Drafts;
  readonly sending: Sending;
  private readonly models: Models;
  private readonly socket: Socket;
  private readonly runs: Runs;
  readonly goOn: SessionDeps["api"]["goOn"] = (asked, signal) => this.deps.api.goOn(asked, signal);
  readonly fileContent = (id: string): Promise<Blob> => this.deps.api.fileContent(id);
  private isStarted = false;

  constructor(private readonly deps: SessionDeps) {
    this.memory = new Memory(this.store, deps.api);
    this.feedback = new Feedback(this.store, deps.api);
    this.settings = new SettingsKeeper(this.store, deps.api);
    this.voice = new Voice(deps.api);
    this.drafts = new Drafts(deps.remembered, () => this.state.isTemporary);
    this.models = new Models({
      store: this.store,
      api: deps.api,
      key: () => deps.remembered.key(),
      onShutOut: () => this.socket.pause(),
    });
    this.prompts = new Prompts(this.store, deps.api);
    this.trash = new Trash({ store: this.store, api: deps.api, remembered: deps.remembered });
    this.list = new Listing({
      store: this.store,
      api: deps.api,
      leave: (id) => this.leave(id),
      // First what would go as soon as its files are gone.
      gone: (id) => [this.sending, this.queue, this.attaching, this.drafts].forEach((one) => one.drop(id)),
      goTo: (id) => this.goTo(id),
      remembered: deps.remembered,
    });
    this.seeking = new Seeking({
      store: this.store,
      api: deps.api,
      isDoomed: (id) => this.list.isDoomed(id),
      goTo: deps.goTo,
      switchTo: (item) => this.switchTo(item),
    });
    this.attaching = new Attaching({
      api: deps.api,
      sendFile: deps.sendFile,
      prepare: deps.prepareFile,
      newId: deps.newId,
      mightSee: (key) => blindModel(this.state, key) === null,
      announce: (kind) => this.store.setState((state) => announced(state, kind)),
      recall: () => deps.remembered.attached(),
      remember: (text) => deps.remembered.rememberAttached(text),
    });
    this.moving = new Moving({ api: deps.api, upload: deps.upload, arrived: () => void this.list.load() });
    this.runs = new Runs({
      store: this.store,
      api: deps.api,
      socket: () => this.socket,
      now: deps.now,
      newId: deps.newId,
      onTaken: () => this.comparing.save(),
      onEnd: (key, how) => this.runEnded(key, how),
      onUnanswered: (key) => this.queue.hold(key),
      onNamed: (from, id) => this.named(from, id),
    });
    this.comparing = new Comparing({
      store: this.store,
      api: deps.api,
      runs: () => this.runs,
      switchTo: (item) => this.switchTo(item),
      recall: () => deps.remembered.comparisons(),
      remember: (text) => deps.remembered.rememberComparisons(text),
    });
    this.queue = new Queue({
      store: this.store,
      newId: deps.newId,
      ask: (key, said) => this.ask(key, threadAt(this.state, key).head, said),
      recall: () => deps.remembered.waiting(),
      remember: (text) => deps.remembered.rememberWaiting(text),
    });
    this.sending = new Sending({
      store: this.store,
      attaching: this.attaching,
      drafts: this.drafts,
      queue: this.queue,
      ask: (key, said) => this.ask(key, threadAt(this.state, key).head, said),
    });
    this.socket = new Socket(deps.openSocket, {
      onFrame: (frame) => this.runs.take(frame),
      onOpen: () => this.connected(),
      onConnection: (connection) => this.store.setState({ connection }),
    });
  }

  /** May be called twice: React starts effects twice while developing. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.store.setState({ favouriteModel: this.deps.remembered.model() });
    this.socket.connect();
    this.runs.watchSilence();
    void this.models.load();
    this.list.start();
    void this.list.load();
  }

  /** Come in with a key. */
  comeIn(key: string): void {
    this.deps.remembered.rememberKey(key.trim());
    this.store.setState({ access: { kind: "open" }, modelsState: "loading", listState: "loading" });
    this.socket.connect();
    this.models.comeIn();
    void this.list.load();
    if (this.state.open !== null) void this.refresh(this.state.open);
  }

  /** The tab is looked at again, or the network is back. */
  wake(): void {
    if (this.state.access.kind !== "open") return;
    this.socket.hurry();
    void this.models.load();
    void this.list.load();
    const { open } = this.state;
    if (open !== null && !open.startsWith(LOCAL)) void this.refresh(open);
  }

  /** Show a conversation, at one of its messages if any is meant; null: a new one. */
  open(id: string | null, item: string | null = null): void {
    if (id !== null && item !== null) this.seeking.meant(id, item);
    if (id === this.state.open) {
      this.seeking.reveal();
      return;
    }
    this.forgetTemporary();
    this.store.setState((state) => ({
      open: id,
      isTemporary: false,
      unread: without(state.unread, id),
      sought: state.sought?.conversation === id ? state.sought : null,
    }));
    if (id !== null) {
      void this.refresh(id);
      if (!id.startsWith(LOCAL)) void this.list.learn(id);
    }
  }

  newChat(): void {
    this.open(null);
    this.deps.goTo(null);
  }

  /** Send a message in the open conversation; false when that cannot be done now. */
  send(text: string): boolean {
    return this.sending.send(this.state.open, text);
  }

  /** Another answer to the same question, beside the one whose first item is `id`; `model` instead of the chosen one. */
  regenerate(id: string, model?: string): void {
    const question = openThread(this.state).nodes[id]?.parent ?? null;
    const wishes = model === undefined ? undefined : [model];
    if (question !== null) this.ask(this.state.open, question, null, wishes);
  }

  /** The same question in other words, beside the old one; false when that cannot be done now. */
  edit(id: string, said: Said): boolean {
    const node = openThread(this.state).nodes[id];
    const next = { ...said, text: said.text.trim() };
    return node !== undefined && !isNothing(next) && this.ask(this.state.open, node.parent, next);
  }

  /** Ask again for the answer to the message `id`, which got none. */
  retry(id: string): void {
    const { open } = this.state;
    const thread = openThread(this.state);
    const node = thread.nodes[id];
    if (node === undefined || open === null || isRunning(this.state, open)) return;
    const isKnown = !id.startsWith(LOCAL);
    // The server never took it: the same words go again, in place of the ones that stayed behind.
    if (!isKnown) this.changeThread(open, (before) => takenBack(before, id));
    this.ask(open, isKnown ? id : node.parent, isKnown ? null : saidIn(node), failedModels(thread, id));
  }

  stop(): void {
    if (this.state.open !== null) this.runs.stop(this.state.open);
  }

  /** Show the branch that goes through `id`. */
  switchTo(id: string): void {
    const { open } = this.state;
    if (open === null) return;
    const head = newestLeaf(openThread(this.state), id);
    this.changeThread(open, (thread) => headMoved(thread, head));
    if (!head.startsWith(LOCAL) && !open.startsWith(LOCAL) && !isRunning(this.state, open)) {
      this.deps.api.changeConversation(open, { "maru:head": head }).catch(() => undefined);
    }
  }

  /** Whether the chat that is about to begin leaves nothing behind. */
  setTemporary(isTemporaryNow: boolean): void {
    if (this.state.open !== null) return;
    this.store.setState({ isTemporary: isTemporaryNow });
    this.drafts.keep(null, this.drafts.of(null));
  }

  pickModel(id: string): void {
    this.deps.remembered.rememberModel(id);
    this.store.setState((state) => ({
      favouriteModel: id,
      pickedModels: state.open === null ? state.pickedModels : { ...state.pickedModels, [state.open]: id },
    }));
  }

  /** Go to a conversation of the list. */
  goTo(id: string): void {
    this.deps.goTo(id);
  }

  /** The tab closes, or a temporary chat is left: nobody keeps what was attached in it. */
  forgetTemporaryFiles(): void {
    const { open, isTemporary: isNewTemporary } = this.state;
    if (open === null ? !isNewTemporary : !isTemporary(open)) return;
    this.sending.stopWaiting(open);
    this.attaching.drop(open ?? OF_NEW_CHAT, filesIn(threadAt(this.state, open)));
  }

  private get state(): ChatState {
    return this.store.getState();
  }

  /** In the thread `to`; null: in a new one, which is then open. */
  private ask(
    to: string | null,
    parent: string | null,
    said: Said | null,
    wishes: readonly string[] = said === null ? oneModel(this.state, to) : askedModels(this.state, to),
  ): boolean {
    const state = this.state;
    if (wishes.length === 0 || isRunning(state, to)) return false;
    this.comparing.asked(to);
    const key = to ?? `${state.isTemporary ? TEMPORARY : LOCAL}${this.deps.newId()}`;
    if (to === null) {
      this.store.setState({
        threads: { ...state.threads, [key]: { state: "ready", thread: EMPTY_THREAD } },
        // It may have waited while another one was opened.
        open: state.open ?? (this.deps.isElsewhere() ? null : key),
        chatSettings: { ...without(state.chatSettings, OF_NEW_CHAT), [key]: chatSettings(state, null) },
      });
    }
    // A chat that goes on comes back to the list.
    if (state.others[key]?.isArchived) void this.list.bringBack(key);
    const needsId = key.startsWith(LOCAL) && !isTemporary(key);
    const conversation = needsId ? this.born(key) : Promise.resolve(key);
    void this.runs.ask({ key, parent, said, models: wishes, conversation });
    if (wishes.length > 1) this.comparing.began(key);
    return true;
  }

  /** A conversation of our own gets its id from the server. */
  private async born(key: string): Promise<string> {
    const { api } = this.deps;
    const { id, ...wire } = await api.createConversation(metadataWith({}, chatSettings(this.state, key)));
    // It may have been deleted meanwhile.
    if (this.state.threads[key] === undefined) await api.deleteConversation(id);
    else this.list.add(conversationOf({ ...wire, id }));
    return id;
  }

  /** Its address follows, if it is still looked at. */
  private named(from: string, id: string): void {
    const all = [this.queue, this.comparing, this.attaching, this.drafts, this.sending, this.settings];
    for (const one of all) one.rekey(from, id);
    if (this.state.open === id && !this.deps.isElsewhere()) this.deps.goTo(id);
  }

  /** Nothing leads back to a temporary chat. */
  private forgetTemporary(): void {
    const { open, isTemporary: isNewTemporary } = this.state;
    if (open === null && isNewTemporary) this.sending.stopWaiting(null);
    if (open === null || !isTemporary(open)) return;
    this.forgetTemporaryFiles();
    this.runs.stop(open);
    this.runs.drop(open);
    this.queue.drop(open);
    this.store.setState((state) => ({ threads: without(state.threads, open) }));
  }

  private leave(id: string): void {
    this.runs.stop(id);
    this.runs.drop(id);
    if (this.state.open === id) this.newChat();
  }

  private async refresh(id: string): Promise<void> {
    const before = this.state.threads[id];
    if (before !== undefined && Object.keys(before.thread.runs).length > 0) return;
    if (before?.state !== "ready" && before?.state !== "copy") this.setThread(id, "loading");
    const then = threadAt(this.state, id);
    try {
      const tree = await this.trash.treeOf(id);
      if (isRunning(this.state, id)) return;
      // It need not know what was said or changed since it was asked for.
      if (threadAt(this.state, id) !== then) return await this.refresh(id);
      this.setThread(id, "ready");
      this.runs.adopt(id, tree);
      this.comparing.restore(id);
      this.seeking.reveal();
      this.queue.goOn(id);
      void this.memory.lookForSummary(id);
    } catch (error) {
      const status = error instanceof ApiError ? error.status : null;
      const copy = status === 0 ? await this.deps.copyOf?.(id) : null;
      if (this.state.threads[id]?.state === "ready") return;
      this.setThread(id, copy ? "copy" : status === 404 ? "missing" : "failed");
      if (copy) this.runs.adopt(id, { ...copy, running: [] });
    }
  }

  private connected(): void {
    this.runs.resumeAll();
    this.attaching.retryLost();
    const { open, listState, modelsState } = this.state;
    if (listState !== "loading") void this.list.load();
    if (modelsState === "failed") void this.models.load();
    const shown = open === null ? undefined : this.state.threads[open]?.state;
    if (open !== null && (shown === "failed" || shown === "copy")) void this.refresh(open);
  }

  private runEnded(key: string, how: Announcement["kind"]): void {
    this.queue.ended(key, how === "finished");
    if (how === "failed") this.models.doubt();
    this.comparing.ended(key);
    if (isTemporary(key)) return;
    this.store.setState((state) =>
      state.open === key ? state : { unread: { ...state.unread, [key]: true } },
    );
    void this.memory.lookForSummary(key);
    void this.list.load().then(() => this.list.lookForTitle(key));
  }

  private changeThread(key: string, step: (thread: Thread) => Thread): void {
    this.store.setState((state) => threadChanged(state, key, step));
  }

  private setThread(key: string, condition: OpenThread["state"]): void {
    this.store.setState((state) => conditionChanged(state, key, condition));
  }
}
