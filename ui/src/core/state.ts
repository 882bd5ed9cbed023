/** Everything the page shows, in one place, and the questions that several parts of the page ask of it. */
import { namesOf } from "./attachments";
import type { TakenOff } from "./listing";
import type { ChatSettings, Metadata } from "./chat-settings";
import { NO_SETTINGS, OF_NEW_CHAT, settingsOf } from "./chat-settings";
import type { Comparison } from "./columns";
import { isTemporary } from "./frames";
import type { AllWaiting } from "./queue";
import type { Connection } from "./socket";
import type { Thread } from "./tree";
import { EMPTY_THREAD, textOf } from "./tree";
import type { Deleted } from "./trash";
import type { WireConversation, WireFact, WireModel, WirePrompt } from "./wire";

/** Characters of the first message that stand for a title. */
const FIRST_WORDS = 80;

export interface Conversation {
  readonly id: string;
  readonly title: string | null;
  /** Unix seconds. */
  readonly updatedAt: number;
  readonly head: string | null;
  /** It stands above the others. */
  readonly isPinned: boolean;
  /** It was put away: it stands in no list but that of the archive. */
  readonly isArchived: boolean;
  /** The folder it lies in. */
  readonly folder: string | null;
  readonly metadata: Metadata;
}

export interface Folder {
  readonly id: string;
  readonly name: string;
}

export type Loading = "loading" | "ready" | "failed";

export interface OpenThread {
  /** A copy is what this browser kept; it may be old. */
  readonly state: Loading | "missing" | "copy";
  readonly thread: Thread;
}

/** What the person wants to be known in all conversations. */
export interface Facts {
  readonly state: Loading;
  /** Models are told them only while it is on. */
  readonly isOn: boolean;
  readonly list: readonly WireFact[];
  /** As many fit. */
  readonly most: number;
  /** Characters of one. */
  readonly longest: number;
}

/** What the screen reader is told; `count` makes two equal ones differ. */
export interface Announcement {
  readonly kind:
    | "started"
    | "finished"
    | "stopped"
    | "failed"
    | "pinned"
    | "unpinned"
    | "remembered"
    | "rated"
    | "unrated"
    | "ranked"
    | "unranked"
    | "demonstrated"
    | "undemonstrated"
    | "summaryKept"
    | "summaryRenewed"
    | "summaryDeleted"
    | "queued"
    | "notSent"
    | "attached"
    | "unattached"
    | "deleted"
    | "restored"
    | "chatPinned"
    | "chatUnpinned"
    | "chatArchived"
    | "chatBack"
    | "chatForked"
    | "chatDeleted"
    | "folderMade"
    | "folderGone"
    | "movedIn"
    | "movedOut";
  readonly count: number;
}

/** Whether the server lets us in; it asks for a key when it is reached from another machine. */
export type Access =
  | { readonly kind: "open" }
  | { readonly kind: "needsKey"; readonly wasWrong: boolean }
  | { readonly kind: "refused"; readonly message: string };

/** A message that is looked for, to be scrolled to and marked; `count` tells two wishes for the same one apart. */
export interface Sought {
  readonly conversation: string;
  readonly item: string;
  /** Folded; marked in it. */
  readonly words: readonly string[];
  readonly count: number;
}

export interface ChatState {
  readonly access: Access;
  readonly connection: Connection;
  readonly models: readonly WireModel[];
  readonly modelsState: Loading;
  /** Model picked for new conversations; null: the server's default. */
  readonly favouriteModel: string | null;
  /** Model picked in a conversation, by thread key. */
  readonly pickedModels: Readonly<Record<string, string>>;
  /** Newest change first. */
  readonly conversations: readonly Conversation[];
  /** Those that stand in no list here and were looked at: archived, or older than what was fetched. */
  readonly others: Readonly<Record<string, Conversation>>;
  readonly takenOff: TakenOff | null;
  readonly folders: readonly Folder[];
  /** Ids of those that are unfolded. */
  readonly openFolders: readonly string[];
  /** Those in which more lies than was fetched. */
  readonly fullFolders: Readonly<Record<string, true>>;
  /** The one whose name is being written. */
  readonly namedFolder: string | null;
  readonly listState: Loading;
  readonly hasMore: boolean;
  /** Key of the thread on the screen; null: a conversation that has not begun. */
  readonly open: string | null;
  /** By conversation id, or by a key of ours until the server gave one. */
  readonly threads: Readonly<Record<string, OpenThread>>;
  /** Conversations with an answer that was not looked at. */
  readonly unread: Readonly<Record<string, true>>;
  readonly announcement: Announcement | null;
  readonly sought: Sought | null;
  /** Messages that are sent when the running answer is complete. */
  readonly waiting: AllWaiting;
  /** The chat that is about to begin is not kept. */
  readonly isTemporary: boolean;
  /** How chats are to be answered whose settings the server does not have, or not yet; by thread key. */
  readonly chatSettings: Readonly<Record<string, ChatSettings>>;
  /** Models that the next question goes to where they are several; by thread key. */
  readonly comparedModels: Readonly<Record<string, readonly string[]>>;
  /** Questions whose answers stand side by side, by thread key. */
  readonly comparisons: Readonly<Record<string, Comparison>>;
  /** A deletion that can still be undone. */
  readonly deleted: Deleted | null;
  readonly facts: Facts;
  /** What the person uses again; in the order of making. */
  readonly prompts: { readonly state: Loading; readonly list: readonly WirePrompt[] };
}

export const FIRST_STATE: ChatState = {
  access: { kind: "open" },
  connection: "connecting",
  models: [],
  modelsState: "loading",
  favouriteModel: null,
  pickedModels: {},
  conversations: [],
  others: {},
  takenOff: null,
  folders: [],
  openFolders: [],
  fullFolders: {},
  namedFolder: null,
  listState: "loading",
  hasMore: false,
  open: null,
  threads: {},
  unread: {},
  announcement: null,
  sought: null,
  waiting: {},
  isTemporary: false,
  chatSettings: {},
  comparedModels: {},
  comparisons: {},
  deleted: null,
  facts: { state: "loading", isOn: false, list: [], most: 100, longest: 300 },
  prompts: { state: "loading", list: [] },
};

export function announced(state: ChatState, kind: Announcement["kind"]): Pick<ChatState, "announcement"> {
  return { announcement: { kind, count: (state.announcement?.count ?? 0) + 1 } };
}

export function conversationOf(wire: WireConversation): Conversation {
  return {
    id: wire.id,
    title: wire["maru:title"] ?? null,
    updatedAt: wire["maru:updated_at"] ?? wire.created_at,
    head: wire["maru:head"] ?? null,
    isPinned: wire["maru:pinned"] ?? false,
    isArchived: wire["maru:archived"] ?? false,
    folder: wire["maru:folder"] ?? null,
    metadata: wire.metadata ?? {},
  };
}

/** Whether the chat on the screen is, or will be, one that is not kept. */
export function isTemporaryNow(state: ChatState): boolean {
  return state.open === null ? state.isTemporary : isTemporary(state.open);
}

/** Whether the server keeps the chat on the screen, so that its messages can be pinned, rated and so on. */
export function isKept(state: ChatState): boolean {
  return state.open !== null && !isTemporary(state.open);
}

/** How a chat is to be answered; null: the one that is about to begin. */
export function chatSettings(state: ChatState, key: string | null): ChatSettings {
  const ours = state.chatSettings[key ?? OF_NEW_CHAT];
  const metadata = key === null ? undefined : conversationFor(state, key)?.metadata;
  return ours ?? (metadata === undefined ? NO_SETTINGS : settingsIn(metadata));
}

const known = new WeakMap<Metadata, ChatSettings>();

/** The same object while nothing changed. */
function settingsIn(metadata: Metadata): ChatSettings {
  const settings = known.get(metadata) ?? settingsOf(metadata);
  known.set(metadata, settings);
  return settings;
}

export function openThread(state: ChatState): Thread {
  return threadAt(state, state.open);
}

export function threadAt(state: ChatState, key: string | null): Thread {
  return (key === null ? undefined : state.threads[key]?.thread) ?? EMPTY_THREAD;
}

/** The thread `key` after this step, if it is here. */
export function threadChanged(
  state: ChatState,
  key: string,
  step: (thread: Thread) => Thread,
): Pick<ChatState, "threads"> {
  const before = state.threads[key];
  if (before === undefined) return { threads: state.threads };
  return { threads: { ...state.threads, [key]: { ...before, thread: step(before.thread) } } };
}

export function conditionChanged(
  state: ChatState,
  key: string,
  condition: OpenThread["state"],
): Pick<ChatState, "threads"> {
  return { threads: { ...state.threads, [key]: { state: condition, thread: threadAt(state, key) } } };
}

/** The server named a conversation: everything that knew our key knows its id now. */
export function rekeyed(state: ChatState, from: string, to: string): Partial<ChatState> {
  function moved<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    const { [from]: one, ...rest } = record;
    return one === undefined ? rest : { ...rest, [to]: one };
  }
  return {
    threads: moved(state.threads),
    pickedModels: moved(state.pickedModels),
    chatSettings: moved(state.chatSettings),
    comparisons: moved(state.comparisons),
    open: state.open === from ? to : state.open,
  };
}

export function conversationFor(state: ChatState, id: string): Conversation | undefined {
  return state.others[id] ?? state.conversations.find((one) => one.id === id);
}

/** What stands in a list need not be known elsewhere, where it would grow old. */
export function withoutListed(others: ChatState["others"], listed: ReadonlySet<string>): ChatState["others"] {
  const left = Object.entries(others).filter(([id]) => !listed.has(id));
  return left.length === Object.keys(others).length ? others : Object.fromEntries(left);
}

/** The name of a conversation: its title, or until it has one what was said first; null when neither is known. */
export function titleOf(state: ChatState, id: string | null): string | null {
  if (id === null) return null;
  return conversationFor(state, id)?.title || firstWordsOf(state, id);
}

/** What was said first, as far as it is known here. */
export function firstWordsOf(state: ChatState, id: string): string | null {
  const thread = state.threads[id]?.thread;
  const root = thread?.roots[0];
  if (root === undefined) return null;
  const node = thread?.nodes[root];
  return (textOf(node) || namesOf(node)).slice(0, FIRST_WORDS) || null;
}

export function isRunning(state: ChatState, key: string | null): boolean {
  const thread = key === null ? undefined : state.threads[key]?.thread;
  return thread !== undefined && Object.keys(thread.runs).length > 0;
}

/** The model that the next message of the open conversation goes to. */
export function modelInUse(state: ChatState): WireModel | undefined {
  return modelFor(state, state.open);
}

export function modelFor(state: ChatState, key: string | null): WireModel | undefined {
  const thread = threadAt(state, key);
  const lastAnswer = thread.head === null ? null : thread.nodes[thread.head]?.response;
  const wishes = [
    key === null ? undefined : state.pickedModels[key],
    lastAnswer ? thread.responses[lastAnswer]?.model : undefined,
    state.favouriteModel ?? undefined,
  ];
  for (const wish of wishes) {
    const model = state.models.find((candidate) => candidate.id === wish);
    if (model !== undefined) return model;
  }
  return state.models.find((model) => model["maru:default"]) ?? state.models[0];
}

/** The one model that an answer of this thread is asked of. */
export function oneModel(state: ChatState, key: string | null): readonly string[] {
  const model = modelFor(state, key);
  return model === undefined ? [] : [model.id];
}

export function isReady(model: WireModel | undefined): boolean {
  // One that is away may be back before anybody hears of it: asking it harms nobody.
  return model !== undefined && ["ready", "away"].includes(model["maru:state"] ?? "ready");
}
