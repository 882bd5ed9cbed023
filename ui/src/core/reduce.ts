/**
 * What the server says, into what the page shows: `(thread, frame) => thread`, with no clock and no IO.
 *
 * Frames carry no response id but the lane they came on; the lane names the run. A frame whose number was seen already
 * changes nothing, so a replay after a lost connection may overlap.
 */
import { nodeOf, partOf, partsOf, responseInfo } from "./items";
import { endedEmpty, withRun, without } from "./steps";
import type { Part, Run, Thread, TreeNode } from "./tree";
import { renamed, withNode } from "./tree";
import type { ItemFrame, LifecycleFrame, ServerFrame } from "./wire";
import { errorOf } from "./wire";

/** A frame, the lane it came on and when (page time in ms). */
export interface Arrival {
  readonly streamId: string;
  readonly frame: ServerFrame;
  readonly at: number;
}

export function reduce(thread: Thread, { streamId, frame, at }: Arrival): Thread {
  const run = thread.runs[streamId];
  if (run === undefined) return thread;
  if (frame.type === "error") {
    return endedEmpty(thread, streamId, { status: "failed", error: errorOf(frame) });
  }
  if (frame.sequence_number <= run.lastSeq) return thread;
  const seen = withRun(thread, streamId, { lastSeq: frame.sequence_number });
  switch (frame.type) {
    case "response.created":
      return created(seen, run, frame);
    case "response.queued":
    case "response.in_progress":
      return seen;
    case "response.output_item.added":
      return itemAdded(seen, run, frame, at);
    case "response.output_item.done":
      return changed(seen, frame.item.id, (node) => ({
        ...node,
        status: frame.item.status ?? "completed",
        parts: partsOf(frame.item),
      }));
    case "response.content_part.added":
    case "response.content_part.done":
      return changed(seen, frame.item_id, (node) =>
        withPart(node, frame.content_index, () => partOf(frame.part)),
      );
    case "response.output_text.delta":
    case "response.refusal.delta":
    case "response.reasoning_text.delta":
      return changed(seen, frame.item_id, (node) =>
        withPart(node, frame.content_index, (part) => ({ ...part, text: part.text + frame.delta })),
      );
    case "response.reasoning_summary_text.delta":
      return changed(seen, frame.item_id, (node) =>
        withPart(node, frame.summary_index, (part) => ({ ...part, text: part.text + frame.delta })),
      );
    case "response.function_call_arguments.delta":
      return changed(seen, frame.item_id, (node) =>
        withPart(node, 0, (part) => ({ ...part, text: part.text + frame.delta })),
      );
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
      return ended(seen, run, frame);
    default:
      frame satisfies never;
      return seen;
  }
}

function created(thread: Thread, run: Run, frame: LifecycleFrame): Thread {
  const names = frame.response["maru:input"] ?? [];
  let next = thread;
  // What was said before may have gone along once more; ours are the last ones.
  const ours = names.slice(Math.max(0, names.length - run.inputs.length));
  for (const [index, local] of run.inputs.entries()) {
    const name = ours[index];
    if (name !== undefined) next = renamed(next, local, name);
  }
  const parent = frame.response["maru:parent"];
  const last = names.at(-1);
  const isKnown = last !== undefined && next.nodes[last] !== undefined;
  const anchor = isKnown ? last : typeof parent === "string" ? parent : run.anchor;
  return withRun(next, run.streamId, {
    responseId: frame.response.id,
    model: frame.response.model ?? run.model,
    inputs: [],
    anchor,
  });
}

function itemAdded(thread: Thread, run: Run, frame: ItemFrame, at: number): Thread {
  // A replay from the start meets items that a reload has put in place already.
  const known = thread.nodes[frame.item.id];
  const node = nodeOf(frame.item, {
    key: known?.key ?? (run.hasOutput ? frame.item.id : run.key),
    parent: known === undefined ? run.anchor : known.parent,
    response: run.responseId,
    createdAt: known?.createdAt ?? at / 1000,
    isPinned: known?.isPinned ?? false,
  });
  const grown = withNode(thread, { ...node, children: known?.children ?? [] });
  // Somebody who went to read another branch is left there.
  const head = thread.head === run.anchor ? node.id : thread.head;
  return withRun({ ...grown, head }, run.streamId, { anchor: node.id, hasOutput: true });
}

function changed(thread: Thread, id: string, change: (node: TreeNode) => TreeNode): Thread {
  const node = thread.nodes[id];
  if (node === undefined) return thread;
  return { ...thread, nodes: { ...thread.nodes, [id]: change(node) } };
}

function withPart(node: TreeNode, index: number, change: (part: Part) => Part): TreeNode {
  const parts = [...node.parts];
  const kind = node.kind === "reasoning" ? "reasoning" : "text";
  while (parts.length <= index) parts.push({ kind, text: "" });
  const part = parts[index];
  if (part !== undefined) parts[index] = change(part);
  return { ...node, parts };
}

function ended(thread: Thread, run: Run, frame: LifecycleFrame): Thread {
  const { response } = frame;
  const info = responseInfo(response, run.model);
  const responses = { ...thread.responses, [response.id]: info };
  const told = { ...thread, responses };
  if (!run.hasOutput) return endedEmpty(told, run.streamId, { status: info.status, error: info.error });
  // The stream may stop in the middle of an item; nothing stays "being written" after the end.
  const nodes = { ...told.nodes };
  for (const node of Object.values(nodes)) {
    if (node.response === response.id && node.status === "in_progress") {
      nodes[node.id] = { ...node, status: info.status === "completed" ? "completed" : "incomplete" };
    }
  }
  return { ...told, nodes, runs: without(told.runs, run.streamId) };
}
