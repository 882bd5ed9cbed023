/** What the person does to a thread; pure, like `reduce.ts`, which takes what the server sends. */
import type { Said } from "./attachments";
import { partsFor } from "./attachments";
import { NO_ANSWER, threadOf } from "./items";
import type { Run, Thread, TreeNode, Unanswered } from "./tree";
import { newestLeaf, siblingsOf, withNode } from "./tree";
import type { WireTree } from "./wire";

export interface NewRun {
  readonly streamId: string;
  readonly key: string;
  readonly model: string;
  /** The item below which the question, or for a second answer the answer itself, goes. */
  readonly parent: string | null;
  /** Page time in ms. */
  readonly at: number;
}

export interface NewMessage extends Said {
  readonly id: string;
}

/** The question stands on the page before the server has heard of it. */
export function sent(thread: Thread, run: NewRun, message: NewMessage | null): Thread {
  if (message === null) return started({ ...thread, head: run.parent }, run, [], run.parent);
  const node: TreeNode = {
    id: message.id,
    key: message.id,
    parent: run.parent,
    children: [],
    kind: "message",
    role: "user",
    status: "completed",
    parts: partsFor(message),
    name: null,
    callId: null,
    response: null,
    createdAt: run.at / 1000,
    isPinned: false,
  };
  const asked = { ...withNode(thread, node), head: message.id };
  return started(asked, run, [message.id], message.id);
}

/** A run that was found on the server: after a reload, or started by another tab. */
export function followed(thread: Thread, run: NewRun, responseId: string): Thread {
  const begun = started({ ...thread, head: run.parent }, run, [], run.parent);
  return withRun(begun, run.streamId, { responseId });
}

function started(thread: Thread, run: NewRun, inputs: readonly string[], anchor: string | null): Thread {
  const fresh: Run = {
    streamId: run.streamId,
    key: run.key,
    model: run.model,
    responseId: null,
    lastSeq: -1,
    anchor,
    inputs,
    hasOutput: false,
    isStopping: false,
  };
  const runs = { ...thread.runs, [run.streamId]: fresh };
  return {
    ...thread,
    runs,
    unanswered: without(thread.unanswered, anchor),
    failures: withoutFailure(thread, anchor, run.model),
  };
}

/** The model tries again. */
function withoutFailure(thread: Thread, anchor: string | null, model: string): Thread["failures"] {
  const failed = anchor === null ? undefined : thread.failures[anchor];
  if (anchor === null || failed === undefined) return thread.failures;
  return { ...thread.failures, [anchor]: failed.filter((one) => one.model !== model) };
}

export function stopping(thread: Thread, streamId: string): Thread {
  return withRun(thread, streamId, { isStopping: true });
}

/** The run ended with nothing from the model: refused, failed, stopped before the first word. */
export function endedEmpty(thread: Thread, streamId: string, how: Unanswered): Thread {
  const run = thread.runs[streamId];
  if (run === undefined) return thread;
  const runs = without(thread.runs, streamId);
  if (run.anchor === null) return { ...thread, runs };
  const failure = { key: run.key, model: run.model, response: run.responseId, how };
  return {
    ...thread,
    runs,
    unanswered: { ...thread.unanswered, [run.anchor]: how },
    failures: { ...thread.failures, [run.anchor]: [...(thread.failures[run.anchor] ?? []), failure] },
  };
}

export function headMoved(thread: Thread, head: string | null): Thread {
  return { ...thread, head };
}

/** A message that the server never took leaves its place to the same words once more. */
export function takenBack(thread: Thread, id: string): Thread {
  const parent = thread.nodes[id]?.parent ?? null;
  const nodes = without(thread.nodes, id);
  const above = parent === null ? undefined : nodes[parent];
  if (above !== undefined) {
    nodes[above.id] = { ...above, children: above.children.filter((child) => child !== id) };
  }
  return { ...thread, nodes, roots: thread.roots.filter((root) => root !== id), head: parent };
}

/** `id` and everything below it are gone; a head among it moves up, as at the server. */
export function withoutBranch(thread: Thread, id: string): Thread {
  const top = thread.nodes[id];
  if (top === undefined) return thread;
  const gone = new Set(idsBelow(thread, id));
  const nodes = Object.fromEntries(Object.entries(thread.nodes).filter(([one]) => !gone.has(one)));
  const above = top.parent === null ? undefined : nodes[top.parent];
  if (above !== undefined) {
    nodes[above.id] = { ...above, children: above.children.filter((child) => child !== id) };
  }
  const head = thread.head !== null && gone.has(thread.head) ? nextHead(thread, top) : thread.head;
  const roots = thread.roots.filter((root) => root !== id);
  const bare = { ...thread, nodes, roots, head };
  return withUnanswered(bare, head);
}

/** Beside what is gone if there is something, else above it. */
function nextHead(thread: Thread, gone: TreeNode): string | null {
  const beside = siblingsOf(thread, gone.id).filter((id) => id !== gone.id);
  const nearest = beside.at(Math.min(siblingsOf(thread, gone.id).indexOf(gone.id), beside.length - 1));
  return nearest === undefined ? gone.parent : newestLeaf(thread, nearest);
}

/** A question whose only answer is gone can be asked again. */
function withUnanswered(thread: Thread, id: string | null): Thread {
  const node = id === null ? undefined : thread.nodes[id];
  if (node?.role !== "user" || node.children.length > 0) return thread;
  return { ...thread, unanswered: { ...thread.unanswered, [node.id]: NO_ANSWER } };
}

/** What `withoutBranch` took from `before` stands where it was, also when the thread has grown meanwhile. */
export function branchPutBack(thread: Thread, before: Thread, id: string): Thread {
  const top = before.nodes[id];
  if (top === undefined) return thread;
  const nodes = { ...thread.nodes };
  for (const one of idsBelow(before, id)) {
    const node = before.nodes[one];
    if (node !== undefined) nodes[one] = node;
  }
  const above = top.parent === null ? undefined : nodes[top.parent];
  if (above !== undefined) {
    const children = inOldOrder(siblingsOf(before, id), above.children, id);
    nodes[above.id] = { ...above, children };
  }
  const roots = top.parent === null ? inOldOrder(before.roots, thread.roots, id) : thread.roots;
  const hasStayed = thread.head === withoutBranch(before, id).head;
  const unanswered = hasStayed ? before.unanswered : thread.unanswered;
  return { ...thread, nodes, roots, unanswered, head: hasStayed ? before.head : thread.head };
}

function inOldOrder(old: readonly string[], now: readonly string[], back: string): string[] {
  const known = old.filter((one) => one === back || now.includes(one));
  return [...known, ...now.filter((one) => !known.includes(one))];
}

function idsBelow(thread: Thread, id: string): string[] {
  const found: string[] = [];
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    found.push(at);
    open.push(...(thread.nodes[at]?.children ?? []));
  }
  return found;
}

/** The server's tree takes the place of ours; runs that it does not know of are given up. */
export function loaded(thread: Thread, tree: WireTree): Thread {
  return threadOf(tree, thread);
}

export function withRun(thread: Thread, streamId: string, change: Partial<Run>): Thread {
  const run = thread.runs[streamId];
  if (run === undefined) return thread;
  return { ...thread, runs: { ...thread.runs, [streamId]: { ...run, ...change } } };
}

export function without<T>(record: Readonly<Record<string, T>>, key: string | null): Record<string, T> {
  const rest = { ...record };
  if (key !== null) delete rest[key];
  return rest;
}
