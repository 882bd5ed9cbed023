/** One conversation as the page holds it: a tree of items, the leaf being looked at, and the answers being written. */
import type { ItemStatus, ResponseStatus, WireContext, WireError, WireTiming, WireUsage } from "./wire";

export type PartKind = "text" | "refusal" | "reasoning" | "image" | "file";

export interface Part {
  readonly kind: PartKind;
  /** Markdown for text, an address for images, a name for files and for images that the server keeps. */
  readonly text: string;
  /** What the server calls the image or the file; absent where it stands elsewhere. */
  readonly file?: string;
  /** What the words rest on; absent: nothing was named. */
  readonly sources?: readonly Source[];
}

export interface Source {
  readonly url: string;
  readonly title: string;
}

export type NodeKind = "message" | "reasoning" | "call" | "call_output" | "other";

export interface TreeNode {
  readonly id: string;
  /** What React knows this row by; it outlives the change from our own id to the server's. */
  readonly key: string;
  readonly parent: string | null;
  readonly children: readonly string[];
  readonly kind: NodeKind;
  readonly role: "user" | "assistant" | "other";
  readonly status: ItemStatus;
  readonly parts: readonly Part[];
  /** Tool name, for calls. */
  readonly name: string | null;
  /** What a call and its output have in common. */
  readonly callId: string | null;
  /** The response that wrote it, or for a person's message the one that answered it first. */
  readonly response: string | null;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The model goes on seeing it, however long the conversation becomes. */
  readonly isPinned: boolean;
}

export interface ResponseInfo {
  readonly status: ResponseStatus;
  readonly model: string;
  readonly error: WireError | null;
  readonly usage: WireUsage | null;
  readonly context: WireContext | null;
  /** Why it is incomplete, e.g. `max_output_tokens`. */
  readonly reason: string | null;
  readonly timing: WireTiming | null;
}

/** What a model wrote in the place of a branch from its root to one item; people may change it. */
export interface Summary {
  readonly id: string;
  /** The last item that it stands for. */
  readonly lastItem: string;
  readonly text: string;
  /** Who wrote it. */
  readonly model: string;
  readonly isEdited: boolean;
}

/** A thumb, with the reasons and the words that the person gave. */
export interface Rating {
  readonly value: "up" | "down";
  readonly reasons: readonly string[];
  readonly comment: string;
}

/** What the person said about answers; by the item that it is about. */
export interface ThreadFeedback {
  readonly ratings: Readonly<Record<string, Rating>>;
  /** By prompt: its answers, best first, those of one place as good as each other. */
  readonly rankings: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** What the answer should have been. */
  readonly demonstrations: Readonly<Record<string, string>>;
}

export const EMPTY_FEEDBACK: ThreadFeedback = { ratings: {}, rankings: {}, demonstrations: {} };

/** An answer on its way. */
export interface Run {
  /** The lane on the socket; no two unfinished runs share one. */
  readonly streamId: string;
  /** Row key of its first output. */
  readonly key: string;
  readonly responseId: string | null;
  readonly model: string;
  /** Number of the newest frame that was taken in; -1 before the first. */
  readonly lastSeq: number;
  /** The item below which the next output item goes. */
  readonly anchor: string | null;
  /** Our own ids of the input items, until the server names them. */
  readonly inputs: readonly string[];
  readonly hasOutput: boolean;
  readonly isStopping: boolean;
}

/** How an answer ended that left no item behind. */
export interface Unanswered {
  /** none: there is no response that ended. */
  readonly status: ResponseStatus | "none";
  readonly error: WireError | null;
}

/** One of several answers to a question that left no item behind. */
export interface FailedAnswer {
  readonly key: string;
  readonly model: string;
  readonly response: string | null;
  readonly how: Unanswered;
}

export interface Thread {
  readonly nodes: Readonly<Record<string, TreeNode>>;
  readonly roots: readonly string[];
  readonly head: string | null;
  /** By stream id; a run that ended is gone from here. */
  readonly runs: Readonly<Record<string, Run>>;
  readonly responses: Readonly<Record<string, ResponseInfo>>;
  /** By the id of the message that got no answer. */
  readonly unanswered: Readonly<Record<string, Unanswered>>;
  /** By the id of the message that they were to answer. */
  readonly failures: Readonly<Record<string, readonly FailedAnswer[]>>;
  /** Oldest first. */
  readonly summaries: readonly Summary[];
  readonly feedback: ThreadFeedback;
}

export const EMPTY_THREAD: Thread = {
  nodes: {},
  roots: [],
  head: null,
  runs: {},
  responses: {},
  unanswered: {},
  failures: {},
  summaries: [],
  feedback: EMPTY_FEEDBACK,
};

/** Ids from the root to `leaf`. */
export function pathTo(thread: Thread, leaf: string | null): string[] {
  const path: string[] = [];
  let at = leaf === null ? undefined : thread.nodes[leaf];
  while (at !== undefined) {
    path.push(at.id);
    at = at.parent === null ? undefined : thread.nodes[at.parent];
  }
  return path.toReversed();
}

export function siblingsOf(thread: Thread, id: string): readonly string[] {
  const node = thread.nodes[id];
  if (node === undefined) return [];
  if (node.parent === null) return thread.roots;
  return thread.nodes[node.parent]?.children ?? [];
}

/** The end of the branch that goes down from `id` by the newest child each time. */
export function newestLeaf(thread: Thread, id: string): string {
  let leaf = id;
  for (let child = thread.nodes[leaf]?.children.at(-1); child !== undefined;) {
    leaf = child;
    child = thread.nodes[leaf]?.children.at(-1);
  }
  return leaf;
}

/** A row on the page: one message of a person, or everything one response wrote. */
export interface Turn {
  /** The place in the tree and not the message, so that a switch of branches keeps the row and the focus in it. */
  readonly key: string;
  readonly role: "user" | "assistant";
  readonly ids: readonly string[];
}

/** The rows from the root to the head. */
export function turnsOf(thread: Thread): Turn[] {
  const turns: { key: string; role: Turn["role"]; ids: string[]; response: string | null }[] = [];
  for (const id of pathTo(thread, thread.head)) {
    const node = thread.nodes[id];
    if (node === undefined || node.role === "other") continue;
    const last = turns.at(-1);
    if (last?.role === "assistant" && node.role === "assistant" && last.response === node.response) {
      last.ids.push(id);
    } else {
      const above = node.parent === null ? undefined : thread.nodes[node.parent];
      turns.push({
        key: `below ${above?.key ?? "nothing"}`,
        role: node.role,
        ids: [id],
        response: node.response,
      });
    }
  }
  return turns;
}

/** The run whose answer stands, or will stand, at the head. */
export function runAtHead(thread: Thread): Run | undefined {
  return Object.values(thread.runs).find((run) => run.anchor === thread.head);
}

/** The text of a message as the model wrote it, without its thinking. */
export function textOf(node: TreeNode | undefined): string {
  if (node?.kind !== "message") return "";
  return node.parts
    .filter((part) => part.kind === "text" || part.kind === "refusal")
    .map((part) => part.text)
    .join("\n\n");
}

/** `thread` with one node put in and known to its parent. */
export function withNode(thread: Thread, node: TreeNode): Thread {
  const nodes: Record<string, TreeNode> = { ...thread.nodes, [node.id]: node };
  if (node.parent === null) {
    const roots = thread.roots.includes(node.id) ? thread.roots : [...thread.roots, node.id];
    return { ...thread, nodes, roots };
  }
  const parent = nodes[node.parent];
  if (parent !== undefined && !parent.children.includes(node.id)) {
    nodes[parent.id] = { ...parent, children: [...parent.children, node.id] };
  }
  return { ...thread, nodes };
}

/** `thread` with the item `from` known as `to` from now on: the server named it. */
export function renamed(thread: Thread, from: string, to: string): Thread {
  const node = thread.nodes[from];
  if (node === undefined || from === to) return thread;
  const swap = (id: string): string => (id === from ? to : id);
  const nodes: Record<string, TreeNode> = { ...thread.nodes, [to]: { ...node, id: to } };
  delete nodes[from];
  for (const child of node.children) {
    const kid = nodes[child];
    if (kid !== undefined) nodes[child] = { ...kid, parent: to };
  }
  const parent = node.parent === null ? undefined : nodes[node.parent];
  if (parent !== undefined) nodes[parent.id] = { ...parent, children: parent.children.map(swap) };
  const runs = Object.entries(thread.runs).map(([lane, run]) => [
    lane,
    run.anchor === from ? { ...run, anchor: to } : run,
  ]);
  const failures = Object.entries(thread.failures).map(([id, failed]) => [swap(id), failed]);
  return {
    ...thread,
    nodes,
    runs: Object.fromEntries(runs) as Thread["runs"],
    failures: Object.fromEntries(failures) as Thread["failures"],
    roots: thread.roots.map(swap),
    head: thread.head === from ? to : thread.head,
  };
}
