/** The public HTTP API, as far as the page needs it. Every answer that is not a success becomes an `ApiError`. */
import type { Metadata } from "./chat-settings";
import { InOrder } from "./in-order";
import type { Rating } from "./tree";
import type {
  CustomChange,
  PromptWords,
  WirePrompt,
  WirePromptVersion,
  WireCustom,
  WireContextBody,
  WireConversation,
  WireFact,
  WireFolder,
  WireHit,
  WireMemory,
  WireModel,
  WirePage,
  WireShare,
  WireSummary,
  WireTree,
  WireVoice,
} from "./wire";

/** The server refused, or could not be reached (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string | null,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ApiError";
  }
}

export interface ConversationChange {
  /** All of it; what is not in it goes. */
  readonly metadata?: Metadata;
  readonly "maru:title"?: string;
  readonly "maru:head"?: string;
  readonly "maru:pinned"?: boolean;
  readonly "maru:archived"?: boolean;
  /** The id of a folder, or "none". */
  readonly "maru:folder"?: string;
}

/** Which conversations are listed; of each, absent means either. */
export interface Shelf {
  readonly pinned?: boolean;
  readonly archived?: boolean;
  /** The id of a folder; "none": those that lie in none. */
  readonly folder?: string;
}

/** What is done with folders; which there are, `Api` tells. */
export interface FolderApi {
  createFolder(name: string): Promise<WireFolder>;
  renameFolder(id: string, name: string): Promise<WireFolder>;
  deleteFolder(id: string): Promise<void>;
}

export interface Api extends FolderApi, MemoryApi, FeedbackApi, MovingApi, FileApi, VoiceApi, RawApi {
  models(): Promise<readonly WireModel[]>;
  /** Newest change first; `after` is the id of the last one seen. */
  conversations(after: string | null, shelf: Shelf): Promise<WirePage<WireConversation>>;
  conversation(id: string): Promise<WireConversation>;
  /** What holds all words of `query`: titles, then messages, newest first; `after` is the id of the last one seen. */
  search(query: string, after: string | null): Promise<WirePage<WireHit>>;
  /** In the order of making. */
  folders(): Promise<readonly WireFolder[]>;
  createConversation(metadata: Metadata): Promise<WireConversation>;
  changeConversation(id: string, change: ConversationChange): Promise<WireConversation>;
  deleteConversation(id: string): Promise<void>;
  tree(id: string): Promise<WireTree>;
  /** An item, everything below it, and the responses that wrote any of it. */
  deleteBranch(conversation: string, item: string): Promise<void>;
}

/** Files of the person's; how they are sent, the browser knows. */
export interface FileApi {
  fileContent(id: string): Promise<Blob>;
  /** All of them with one request: of several, a page that is being left sends only one for sure. */
  deleteFiles(ids: readonly string[]): Promise<void>;
}

/** What models see and know. */
export interface MemoryApi {
  pinItem(conversation: string, item: string, isPinned: boolean): Promise<void>;
  /** Oldest first. */
  summaries(conversation: string): Promise<readonly WireSummary[]>;
  changeSummary(conversation: string, summary: string, text: string): Promise<WireSummary>;
  /** A model writes it again; takes as long as an answer. */
  renewSummary(conversation: string, summary: string): Promise<WireSummary>;
  deleteSummary(conversation: string, summary: string): Promise<void>;
  /** What the model of an answer was shown. */
  context(response: string): Promise<WireContextBody>;
  /** What the person tells all models. */
  custom(): Promise<WireCustom>;
  changeCustom(change: CustomChange): Promise<WireCustom>;
  /** In the order of making. */
  prompts(): Promise<readonly WirePrompt[]>;
  addPrompt(words: PromptWords): Promise<WirePrompt>;
  changePrompt(id: string, words: PromptWords): Promise<WirePrompt>;
  deletePrompt(id: string): Promise<void>;
  /** Newest first. */
  promptVersions(id: string): Promise<readonly WirePromptVersion[]>;
  /** What the person wants to be known in all conversations. */
  memory(): Promise<WireMemory>;
  turnMemory(isOn: boolean): Promise<WireMemory>;
  forgetFacts(): Promise<WireMemory>;
  /** `conversation` is where it was said. */
  addFact(text: string, conversation: string | null): Promise<WireFact>;
  changeFact(id: string, text: string): Promise<WireFact>;
  deleteFact(id: string): Promise<void>;
}

/** What a person says about answers; the last word counts. */
export interface FeedbackApi {
  rate(conversation: string, item: string, rating: Rating): Promise<void>;
  removeRating(conversation: string, item: string): Promise<void>;
  /** Best first. */
  rank(conversation: string, prompt: string, places: readonly (readonly string[])[]): Promise<void>;
  removeRanking(conversation: string, prompt: string): Promise<void>;
  demonstrate(conversation: string, item: string, text: string): Promise<void>;
  removeDemonstration(conversation: string, item: string): Promise<void>;
}

/** Speech into words. */
export interface VoiceApi {
  voice(): Promise<WireVoice>;
  /** The words of a recording; the name's ending tells what it is. */
  transcribe(sound: Blob, name: string, language: string, signal: AbortSignal): Promise<string>;
}

/** A text that a model goes on with. */
export interface RawApi {
  /** What comes of it, as server-sent events; see `readRaw`. */
  goOn(asked: object, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** Conversations on their way out and in, or from one to another. */
export interface MovingApi {
  /** A new conversation with what was said up to `item`. */
  forkConversation(id: string, item: string, title: string | null): Promise<WireConversation>;
  /** All of a conversation as JSON, or the branch that it shows as Markdown, with headings in a language. */
  exportOne(conversation: string, format: "json" | "markdown", language: string): Promise<Blob>;
  /** Everything, as JSON lines. */
  exportAll(): Promise<Blob>;
  /** Show the branch that a conversation shows to whoever gets the link. */
  share(conversation: string): Promise<WireShare>;
  /** Newest first. */
  shares(): Promise<readonly WireShare[]>;
  unshare(id: string): Promise<void>;
}

const PAGE_SIZE = 50;
const HITS_A_PAGE = 20;
/** Files that one request may delete. */
const MOST_DELETED = 100;
/** A browser sends 64 KiB at most of all that outlives a page, and a character may take three bytes. */
const SMALL_CHARS = 4_000;
const MOST_OUTLIVING_CHARS = 12_000;

function one(id: string): string {
  return `/conversations/${encodeURIComponent(id)}`;
}

function summaryIn(conversation: string, id: string): string {
  return `${one(conversation)}/summaries/${encodeURIComponent(id)}`;
}

function itemIn(conversation: string, item: string): string {
  return `${one(conversation)}/items/${encodeURIComponent(item)}`;
}

function file(id: string): string {
  return `/files/${encodeURIComponent(id)}`;
}

function onePrompt(id: string): string {
  return `/prompts/${encodeURIComponent(id)}`;
}

function fact(id: string): string {
  return `/memory/facts/${encodeURIComponent(id)}`;
}

/** @param key what the server asks for when it is reached from another machine; null without one. */
export function httpApi(fetcher: typeof fetch, key: () => string | null): Api {
  /** Of the bodies on their way that outlive the page. */
  let outliving = 0;

  async function ask(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const headers = new Headers({ accept: "application/json" });
    const secret = key();
    if (secret !== null) headers.set("authorization", `Bearer ${secret}`);
    // What is deleted or changed just before the page is left must still go.
    const init: RequestInit = { method, headers, keepalive: method === "DELETE" };
    let chars = 0;
    if (signal !== undefined) init.signal = signal;
    if (body instanceof FormData) {
      init.body = body;
    } else if (body !== undefined) {
      headers.set("content-type", "application/json");
      init.body = JSON.stringify(body);
      const { length } = init.body;
      if (signal === undefined && length <= SMALL_CHARS && outliving + length <= MOST_OUTLIVING_CHARS) {
        init.keepalive = true;
        chars = length;
      }
    }
    let answer: Response;
    outliving += chars;
    try {
      answer = await fetcher(`/v1${path}`, init);
    } catch (error) {
      throw new ApiError(0, "unreachable", "the server cannot be reached", { cause: error });
    } finally {
      outliving -= chars;
    }
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    return (await (await ask(method, path, body)).json()) as T;
  }

  const inOrder = new InOrder();
  return {
    models: async () => (await call<{ data: readonly WireModel[] }>("GET", "/models")).data,
    conversations: (after, shelf) => {
      const query = new URLSearchParams({ limit: String(PAGE_SIZE), order: "desc" });
      for (const [name, value] of Object.entries(shelf)) query.set(name, String(value));
      if (after !== null) query.set("after", after);
      return call("GET", `/conversations?${query}`);
    },
    search: (query, after) => {
      const asked = new URLSearchParams({ q: query, limit: String(HITS_A_PAGE) });
      if (after !== null) asked.set("after", after);
      return call("GET", `/conversations/search?${asked}`);
    },
    conversation: (id) => call("GET", one(id)),
    folders: async () => (await call<{ data: readonly WireFolder[] }>("GET", "/folders")).data,
    createFolder: (name) => call("POST", "/folders", { name }),
    renameFolder: (id, name) =>
      inOrder.run(id, () => call("POST", `/folders/${encodeURIComponent(id)}`, { name })),
    deleteFolder: async (id) => {
      await call("DELETE", `/folders/${encodeURIComponent(id)}`);
    },
    createConversation: (metadata) => call("POST", "/conversations", { metadata }),
    changeConversation: (id, change) => inOrder.run(id, () => call("POST", one(id), change)),
    forkConversation: (id, item, title) =>
      call("POST", `${one(id)}/fork`, title === null ? { item } : { item, "maru:title": title }),
    deleteConversation: async (id) => {
      await call("DELETE", one(id));
    },
    // Else it would not know what was changed just before, and take that off the page.
    tree: (id) => inOrder.after(id, () => call("GET", `${one(id)}/tree`)),
    deleteBranch: async (conversation, item) => {
      await call("DELETE", `${one(conversation)}/items/${encodeURIComponent(item)}?maru:below=true`);
    },
    pinItem: async (conversation, item, isPinned) => {
      await inOrder.run(conversation, () =>
        call("POST", itemIn(conversation, item), { "maru:pinned": isPinned }),
      );
    },
    summaries: async (conversation) =>
      (await call<{ data: readonly WireSummary[] }>("GET", `${one(conversation)}/summaries`)).data,
    changeSummary: (conversation, id, text) => call("POST", summaryIn(conversation, id), { text }),
    renewSummary: (conversation, id) => call("POST", `${summaryIn(conversation, id)}/regenerate`),
    deleteSummary: async (conversation, id) => {
      await call("DELETE", summaryIn(conversation, id));
    },
    context: (response) => call("GET", `/responses/${encodeURIComponent(response)}/context`),
    custom: () => call("GET", "/instructions"),
    changeCustom: (change) => call("POST", "/instructions", change),
    prompts: async () => (await call<{ data: readonly WirePrompt[] }>("GET", "/prompts")).data,
    addPrompt: (words) => call("POST", "/prompts", words),
    changePrompt: (id, words) => call("POST", onePrompt(id), words),
    deletePrompt: async (id) => void (await ask("DELETE", onePrompt(id))),
    promptVersions: async (id) =>
      (await call<{ data: readonly WirePromptVersion[] }>("GET", `${onePrompt(id)}/versions`)).data,
    memory: () => call("GET", "/memory"),
    turnMemory: (enabled) => call("POST", "/memory", { enabled }),
    forgetFacts: () => call("DELETE", "/memory"),
    addFact: (text, conversation) =>
      call("POST", "/memory/facts", conversation === null ? { text } : { text, conversation }),
    changeFact: (id, text) => call("POST", fact(id), { text }),
    deleteFact: async (id) => {
      await call("DELETE", fact(id));
    },
    exportOne: async (conversation, format, language) => {
      const query = new URLSearchParams({ format, language });
      return (await ask("GET", `${one(conversation)}/export?${query}`)).blob();
    },
    share: (conversation) => call("POST", `${one(conversation)}/shares`, {}),
    shares: async () => (await call<{ data: readonly WireShare[] }>("GET", "/shares")).data,
    unshare: async (id) => {
      await call("DELETE", `/shares/${encodeURIComponent(id)}`);
    },
    fileContent: async (id) => (await ask("GET", `${file(id)}/content`)).blob(),
    deleteFiles: async (ids) => {
      for (let start = 0; start < ids.length; start += MOST_DELETED) {
        const asked = ids.slice(start, start + MOST_DELETED).map((id) => ["id", id]);
        // oxlint-disable-next-line no-await-in-loop -- more than one request is rare, and one need not wait for all
        await call("DELETE", `/files?${new URLSearchParams(asked)}`);
      }
    },
    exportAll: async () => (await ask("GET", "/export")).blob(),
    rate: async (conversation, item, rating) => {
      await inOrder.run(conversation, () => call("POST", `${itemIn(conversation, item)}/rating`, rating));
    },
    removeRating: async (conversation, item) => {
      await inOrder.run(conversation, () => call("DELETE", `${itemIn(conversation, item)}/rating`));
    },
    rank: async (conversation, prompt, places) => {
      await call("POST", `${itemIn(conversation, prompt)}/ranking`, { places });
    },
    removeRanking: async (conversation, prompt) => {
      await call("DELETE", `${itemIn(conversation, prompt)}/ranking`);
    },
    voice: () => call("GET", "/voice"),
    transcribe: async (sound, name, language, signal) => {
      const form = new FormData();
      form.set("model", "maru");
      form.set("language", language);
      form.set("file", sound, name);
      const answer = await ask("POST", "/audio/transcriptions", form, signal);
      return ((await answer.json()) as { text: string }).text;
    },
    demonstrate: async (conversation, item, text) => {
      await call("POST", `${itemIn(conversation, item)}/demonstration`, { text });
    },
    removeDemonstration: async (conversation, item) => {
      await call("DELETE", `${itemIn(conversation, item)}/demonstration`);
    },
    goOn: async (asked, signal) => {
      const { body } = await ask("POST", "/completions", asked, signal);
      if (body === null) throw new ApiError(0, "unreachable", "the answer is empty");
      return body;
    },
  };
}

async function refusal(answer: Response): Promise<ApiError> {
  try {
    const body = (await answer.json()) as { error?: { code?: string | null; message?: string } };
    return new ApiError(answer.status, body.error?.code ?? null, body.error?.message ?? answer.statusText);
  } catch {
    return new ApiError(answer.status, null, answer.statusText);
  }
}
