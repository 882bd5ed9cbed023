/** Whether a question that left before the connection broke has reached the server. Pure. */
import { isSameSaid, saidIn } from "./attachments";
import { partsOf } from "./items";
import type { Run, Thread } from "./tree";
import type { WireTree } from "./wire";

/** Whether the server's tree holds the question of `run` or, for a second answer, one of its model that we do not know. */
export function hasArrived(thread: Thread, run: Run, tree: WireTree): boolean {
  const message = run.inputs[0] === undefined ? undefined : thread.nodes[run.inputs[0]];
  if (message === undefined) {
    const known = new Set(Object.values(thread.runs).map(({ responseId }) => responseId));
    return Object.entries(tree.responses).some(
      ([id, response]) =>
        response.model === run.model &&
        response["maru:answers"] === run.anchor &&
        thread.responses[id] === undefined &&
        !known.has(id),
    );
  }
  return tree.items.some((item) => {
    if ((item["maru:parent"] ?? null) !== message.parent || thread.nodes[item.id] !== undefined) return false;
    if (item.role !== "user") return false;
    return isSameSaid(saidIn({ ...message, parts: partsOf(item) }), saidIn(message));
  });
}
