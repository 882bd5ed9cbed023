/** Items of the wire into nodes of the tree. */
import type {
  FailedAnswer,
  NodeKind,
  Part,
  ResponseInfo,
  Source,
  Summary,
  Thread,
  ThreadFeedback,
  TreeNode,
  Unanswered,
} from "./tree";
import { EMPTY_THREAD } from "./tree";
import type {
  WireAnnotation,
  WireFeedback,
  WireItem,
  WirePart,
  WireResponse,
  WireSummary,
  WireTree,
  WireTreeResponse,
} from "./wire";

const KINDS: Readonly<Record<string, NodeKind>> = {
  message: "message",
  reasoning: "reasoning",
  function_call: "call",
  function_call_output: "call_output",
};

export function partOf(part: WirePart): Part {
  switch (part.type) {
    case "refusal":
      return { kind: "refusal", text: part.refusal ?? "" };
    case "reasoning_text":
    case "summary_text":
      return { kind: "reasoning", text: part.text ?? "" };
    case "input_image":
      return part.file_id
        ? { kind: "image", text: part["maru:filename"] ?? "", file: part.file_id }
        : { kind: "image", text: part.image_url ?? "" };
    case "input_file":
      return { kind: "file", text: part.filename ?? "", ...(part.file_id ? { file: part.file_id } : {}) };
    default: {
      const sources = (part.annotations ?? []).flatMap(sourceOf);
      return { kind: "text", text: part.text ?? "", ...(sources.length > 0 ? { sources } : {}) };
    }
  }
}

function sourceOf({ type, url, title }: WireAnnotation): Source[] {
  return type === "url_citation" && url !== undefined ? [{ url, title: title ?? "" }] : [];
}

/** Content of an item; a reasoning item shows its raw text, or its summary where that is all there is. */
export function partsOf(item: WireItem): readonly Part[] {
  if (item.type === "function_call") return [{ kind: "text", text: item.arguments ?? "" }];
  if (item.type === "function_call_output") {
    const text = typeof item.output === "string" ? item.output : JSON.stringify(item.output ?? "");
    return [{ kind: "text", text }];
  }
  if (typeof item.content === "string") return [{ kind: "text", text: item.content }];
  const content = item.content?.length ? item.content : (item.summary ?? []);
  return content.map(partOf);
}

function roleOf(item: WireItem): TreeNode["role"] {
  if (item.type !== "message") return item.type in KINDS ? "assistant" : "other";
  return item.role === "user" || item.role === "assistant" ? item.role : "other";
}

export interface Place {
  readonly key: string;
  readonly parent: string | null;
  readonly response: string | null;
  readonly createdAt: number;
  readonly isPinned: boolean;
}

export function nodeOf(item: WireItem, place: Place): TreeNode {
  return {
    ...place,
    id: item.id,
    children: [],
    kind: KINDS[item.type] ?? "other",
    role: roleOf(item),
    status: item.status ?? "completed",
    parts: partsOf(item),
    name: item.name ?? null,
    callId: item.call_id ?? null,
  };
}

export function responseInfo(response: WireResponse | WireTreeResponse, model: string): ResponseInfo {
  return {
    status: response.status ?? "completed",
    model: response.model ?? model,
    error: response.error ?? null,
    usage: response.usage ?? null,
    context: response["maru:context"] ?? null,
    reason: response.incomplete_details?.reason ?? null,
    timing: response["maru:timing"] ?? null,
  };
}

export function summaryOf(wire: WireSummary): Summary {
  const { id, text, model } = wire;
  return { id, text, model, lastItem: wire.last_item, isEdited: (wire.edited_at ?? null) !== null };
}

export function feedbackOf(wire: WireFeedback): ThreadFeedback {
  const { ratings, rankings, demonstrations } = wire;
  return {
    ratings: Object.fromEntries(
      ratings.map(({ answer, value, reasons, comment }) => [
        answer.item,
        { value, reasons, comment: comment ?? "" },
      ]),
    ),
    rankings: Object.fromEntries(
      rankings.map(({ prompt, places }) => [
        prompt,
        places.map((place) => place.map((answer) => answer.item)),
      ]),
    ),
    demonstrations: Object.fromEntries(demonstrations.map(({ answer, text }) => [answer.item, text])),
  };
}

/** The tree as the server has it; row keys of `before` are kept, so that a refresh moves nothing on the page. */
export function threadOf(tree: WireTree, before: Thread = EMPTY_THREAD): Thread {
  // Filled in place: a copy per item would make opening a long chat quadratic.
  const nodes: Record<string, TreeNode> = {};
  const children: Record<string, string[]> = {};
  const roots: string[] = [];
  for (const item of tree.items) {
    const parent = item["maru:parent"] ?? null;
    const node = nodeOf(item, {
      key: before.nodes[item.id]?.key ?? item.id,
      parent,
      response: item["maru:response"] ?? null,
      createdAt: item.created_at ?? 0,
      isPinned: item["maru:pinned"] ?? false,
    });
    nodes[item.id] = { ...node, children: (children[item.id] ??= []) };
    if (parent === null) roots.push(item.id);
    else (children[parent] ??= []).push(item.id);
  }
  const thread: Thread = { ...EMPTY_THREAD, nodes, roots, head: tree.head };
  const responses: Record<string, ResponseInfo> = {};
  for (const [id, response] of Object.entries(tree.responses)) {
    responses[id] = responseInfo(response, "");
  }
  const summaries = (tree.summaries ?? []).map(summaryOf);
  const feedback = tree.feedback === undefined ? before.feedback : feedbackOf(tree.feedback);
  return {
    ...thread,
    responses,
    summaries,
    feedback,
    unanswered: unansweredIn(thread, responses, tree.running),
    failures: failuresIn(thread, tree),
  };
}

/** What left no word beside others that did, unless the same model found some afterwards. */
function failuresIn(thread: Thread, tree: WireTree): Thread["failures"] {
  const wrote = new Set(Object.values(thread.nodes).map(({ response }) => response));
  const found: Record<string, FailedAnswer[]> = {};
  for (const [id, response] of Object.entries(tree.responses)) {
    const prompt = response["maru:answers"] ?? "";
    const answers = thread.nodes[prompt]?.children ?? [];
    if (answers.length === 0 || tree.running.includes(id)) continue;
    const others = (found[prompt] ?? []).filter(({ model }) => model !== response.model);
    if (wrote.has(id) && answers.some((answer) => thread.nodes[answer]?.response === id)) {
      found[prompt] = others;
    } else {
      const how = { status: response.status, error: response.error ?? null };
      found[prompt] = [...others, { key: id, model: response.model, response: id, how }];
    }
  }
  return found;
}

/** A question that nobody answers, and nobody knows why: its answer was deleted, or it was put there by hand. */
export const NO_ANSWER: Unanswered = { status: "none", error: null };

function unansweredIn(
  thread: Thread,
  responses: Thread["responses"],
  running: readonly string[],
): Record<string, Unanswered> {
  const found: Record<string, Unanswered> = {};
  for (const node of Object.values(thread.nodes)) {
    if (node.role !== "user" || node.children.length > 0) continue;
    const response = node.response === null ? undefined : responses[node.response];
    if (node.response !== null && running.includes(node.response)) continue;
    found[node.id] = response === undefined ? NO_ANSWER : { status: response.status, error: response.error };
  }
  return found;
}
