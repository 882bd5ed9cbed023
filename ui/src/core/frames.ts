/** What the page asks the server for, as frames. Pure. */
import { contentFor, isNothing, saidIn } from "./attachments";
import type { ChatSettings } from "./chat-settings";
import { createKeys } from "./chat-settings";
import type { Run, Thread, TreeNode } from "./tree";
import { pathTo, textOf } from "./tree";
import type { ClientFrame, InputMessage } from "./wire";

/** Keys of conversations that the server keeps nothing of. */
export const TEMPORARY = "local_temporary_";

export function isTemporary(key: string | null): boolean {
  return key?.startsWith(TEMPORARY) === true;
}

/** The create of a run: of its question, or of another answer to an older one. */
export function createFrame(key: string, thread: Thread, run: Run, settings: ChatSettings): ClientFrame {
  const common = {
    type: "response.create",
    stream_id: run.streamId,
    model: run.model,
    // A chat never dies of its length: the oldest turns go before the window overflows.
    truncation: "auto",
    // A reload or a lost network loses nothing; closing the tab stops the engine.
    "maru:detach": "until_closed",
    ...createKeys(settings),
  } as const;
  const message = run.inputs[0] === undefined ? undefined : thread.nodes[run.inputs[0]];
  if (isTemporary(key)) {
    return { ...common, store: false, input: saidUpTo(thread, message?.id ?? run.anchor) };
  }
  return {
    ...common,
    store: true,
    input: message === undefined ? [] : [inputOf("user", message)],
    conversation: key,
    "maru:parent": message === undefined ? run.anchor : message.parent,
  };
}

/** The server keeps nothing of such a chat, so all of it goes with every question. */
function saidUpTo(thread: Thread, leaf: string | null): InputMessage[] {
  return pathTo(thread, leaf).flatMap((id) => {
    const node = thread.nodes[id];
    const isSaid = node?.kind === "message" && node.role !== "other" && !isNothing(saidIn(node));
    return isSaid ? [inputOf(node.role === "user" ? "user" : "assistant", node)] : [];
  });
}

function inputOf(role: InputMessage["role"], node: TreeNode): InputMessage {
  const content =
    role === "user" ? contentFor(saidIn(node)) : [{ type: "output_text", text: textOf(node) } as const];
  return { type: "message", role, content };
}
