import { expect, it } from "vitest";

import { threadOf } from "./items";
import { newestLeaf, pathTo, renamed, siblingsOf, turnsOf } from "./tree";
import type { WireTree } from "./wire";

const say = (id: string, role: string, parent: string | null, response: string | null = null) => ({
  id,
  type: "message",
  role,
  content: [{ type: role === "user" ? "input_text" : "output_text", text: id }],
  "maru:parent": parent,
  "maru:response": response,
});

/** One question in two wordings, the first answered twice. */
const TREE: WireTree = {
  conversation_id: "conv_1",
  head: "a2",
  items: [
    say("q1", "user", null, "r1"),
    say("a1", "assistant", "q1", "r1"),
    say("a2", "assistant", "q1", "r2"),
    say("q2", "user", null, "r3"),
  ],
  running: [],
  responses: {
    r1: { status: "completed", model: "house" },
    r2: { status: "completed", model: "house" },
    r3: { status: "failed", model: "house", error: { code: "server_error", message: "gone" } },
  },
};

it("the path goes from the root to the head", () => {
  expect(pathTo(threadOf(TREE), "a2")).toEqual(["q1", "a2"]);
});

it("answers to one question are siblings, and so are roots", () => {
  const thread = threadOf(TREE);
  expect(siblingsOf(thread, "a1")).toEqual(["a1", "a2"]);
  expect(siblingsOf(thread, "q2")).toEqual(["q1", "q2"]);
});

it("a branch ends at its newest leaf", () => {
  expect(newestLeaf(threadOf(TREE), "q1")).toBe("a2");
});

it("a question whose answer failed says so after a reload", () => {
  expect(threadOf(TREE).unanswered).toEqual({
    q2: { status: "failed", error: { code: "server_error", message: "gone" } },
  });
});

it("a question that is being answered is not called unanswered", () => {
  expect(threadOf({ ...TREE, running: ["r3"] }).unanswered).toEqual({});
});

it("a switch of versions keeps the row", () => {
  const thread = threadOf(TREE);
  const keys = (head: string) => turnsOf({ ...thread, head }).map((turn) => turn.key);
  expect(keys("a1")).toEqual(keys("a2"));
});

it("a new name is known to parent and children", () => {
  const thread = renamed(threadOf(TREE), "q1", "msg_9");
  expect(pathTo(thread, "a2")).toEqual(["msg_9", "a2"]);
  expect(thread.roots).toEqual(["msg_9", "q2"]);
});

it("a system message is kept and not shown", () => {
  const tree = { ...TREE, items: [say("s", "system", null), say("q", "user", "s")], head: "q" };
  expect(turnsOf(threadOf(tree)).map((turn) => turn.ids)).toEqual([["q"]]);
});
