import { expect, it } from "vitest";

import { NO_SETTINGS } from "./chat-settings";
import { createFrame, isTemporary, TEMPORARY } from "./frames";
import { threadOf } from "./items";
import type { Run, Thread } from "./tree";

const item = (id: string, role: string, parent: string | null) => ({
  id,
  type: "message",
  role,
  content: `words of ${id}`,
  "maru:parent": parent,
});

/** q1, answered by a1 and by b1; q2 below a1. */
const THREAD: Thread = threadOf({
  conversation_id: "conv_1",
  head: "q2",
  running: [],
  responses: {},
  items: [
    item("q1", "user", null),
    item("a1", "assistant", "q1"),
    item("b1", "assistant", "q1"),
    item("q2", "user", "a1"),
  ],
});

const run = (change: Partial<Run>): Run => ({
  streamId: "page-1",
  key: "run_1",
  responseId: null,
  model: "house",
  lastSeq: -1,
  anchor: "q2",
  inputs: ["q2"],
  hasOutput: false,
  isStopping: false,
  ...change,
});

it("a question goes below the one before it, and the server knows the rest", () => {
  expect(createFrame("conv_1", THREAD, run({}), NO_SETTINGS)).toMatchObject({
    conversation: "conv_1",
    store: true,
    "maru:parent": "a1",
    input: [{ role: "user", content: [{ text: "words of q2" }] }],
  });
});

it("another answer asks nothing new", () => {
  const frame = createFrame("conv_1", THREAD, run({ inputs: [], anchor: "q1" }), NO_SETTINGS);
  expect(frame).toMatchObject({ input: [], "maru:parent": "q1" });
});

it("of a temporary chat all that was said on its branch goes along, and nothing is to be kept", () => {
  const frame = createFrame(`${TEMPORARY}1`, THREAD, run({}), NO_SETTINGS);
  expect(frame).toMatchObject({
    store: false,
    input: [
      { role: "user", content: [{ type: "input_text", text: "words of q1" }] },
      { role: "assistant", content: [{ type: "output_text", text: "words of a1" }] },
      { role: "user", content: [{ type: "input_text", text: "words of q2" }] },
    ],
  });
  expect(Object.keys(frame)).not.toContain("conversation");
  expect(Object.keys(frame)).not.toContain("maru:parent");
});

it("only such chats are temporary", () => {
  expect([`${TEMPORARY}1`, "local_1", "conv_1", null].map(isTemporary)).toEqual([true, false, false, false]);
});
