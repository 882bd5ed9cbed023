/** What the person does to a thread; pure, like `reduce.ts`, which takes what the server sends. */
import { threadOf } from "./items";
import type { Run, Thread, TreeNode, Unanswered } from "./tree";
import { withNode } from "./tree";
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

export interface NewMessage {
  readonly id: string;
  readonly text: string;
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
    parts: [{ kind: "text", text: message.text }],
    name: null,
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
    startedAt: run.at,
    firstWordAt: null,
  };
  const runs = { ...thread.runs, [run.streamId]: fresh };
  return { ...thread, runs, unanswered: without(thread.unanswered, anchor) };
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
  return { ...thread, runs, unanswered: { ...thread.unanswered, [run.anchor]: how } };
}

export function headMoved(thread: Thread, head: string | null): Thread {
  return { ...thread, head };
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
