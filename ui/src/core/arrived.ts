/** Whether a question that left before the connection broke has reached the server. Pure. */
import { isSameSaid, saidIn } from "./attachments";
import { partsOf } from "./items";
import type { Run, Thread, TreeNode } from "./tree";
import { renamed } from "./tree";
import type { WireTree } from "./wire";

/** Whether the server's tree holds the question of `run` or, for a second answer, one of its model that we do not know. */
export function hasArrived(thread: Thread, run: Run, tree: WireTree): boolean {
  const message = run.inputs[0] === undefined ? undefined : thread.nodes[run.inputs[0]];
  if (message === undefined) return answerOf(thread, run, tree) !== null;
  return arrivedAs(thread, message, tree) !== null;
}

/** What the server calls the answer of `run`; `thread` is as it was before the tree came, with its names. */
export function answerOf(thread: Thread, run: Run, tree: WireTree): string | null {
  if (run.responseId !== null) return run.responseId;
  const known = new Set(Object.values(thread.runs).map(({ responseId }) => responseId));
  const found = Object.entries(tree.responses).find(
    ([id, response]) =>
      response.model === run.model &&
      response["maru:answers"] === run.anchor &&
      thread.responses[id] === undefined &&
      !known.has(id),
  );
  return found?.[0] ?? null;
}

/** `thread` with every question that arrived known by the server's name, also to the answers that wait below it. */
export function withNames(thread: Thread, tree: WireTree): Thread {
  let named = thread;
  for (const id of Object.values(thread.runs).flatMap(({ inputs }) => inputs)) {
    const message = named.nodes[id];
    const name = message === undefined ? null : arrivedAs(named, message, tree);
    if (name !== null) named = renamed(named, id, name);
  }
  return named;
}

/** The item of the server's tree that says what `message` says, in its place, and that we do not know. */
function arrivedAs(thread: Thread, message: TreeNode, tree: WireTree): string | null {
  const found = tree.items.find((item) => {
    if ((item["maru:parent"] ?? null) !== message.parent || thread.nodes[item.id] !== undefined) return false;
    if (item.role !== "user") return false;
    return isSameSaid(saidIn({ ...message, parts: partsOf(item) }), saidIn(message));
  });
  return found?.id ?? null;
}
