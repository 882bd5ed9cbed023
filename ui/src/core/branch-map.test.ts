import { expect, it } from "vitest";

import { hasForks, mapOf } from "./branch-map";
import { threadOf } from "./items";
import type { Thread } from "./tree";
import type { WireTreeItem } from "./wire";

const item = (id: string, role: string, parent: string | null, type = "message"): WireTreeItem => ({
  id,
  type,
  role,
  content: `words of\n${id}`,
  "maru:parent": parent,
});

function chatOf(items: readonly WireTreeItem[], head: string): Thread {
  return threadOf({ conversation_id: "conv_1", head, running: [], responses: {}, items });
}

function drawn(items: readonly WireTreeItem[], head: string): string[] {
  return mapOf(chatOf(items, head)).map(
    ({ id, level, version, isOpen }) =>
      `${"  ".repeat(level)}${id}${version ? ` ${version}` : ""}${isOpen ? " *" : ""}`,
  );
}

const FORKED = [
  item("q1", "user", null),
  item("a1", "assistant", "q1"),
  item("b1", "assistant", "q1"),
  item("q2", "user", "a1"),
  item("a2", "assistant", "q2"),
];

it("what follows without a choice stands at one depth, and each version is one deeper", () => {
  expect(drawn(FORKED, "b1")).toEqual(["q1 *", "  a1 1", "  q2", "  a2", "  b1 2 *"]);
});

it("thinking has no line, and hands its number to the words after it", () => {
  const items = [
    item("q1", "user", null),
    item("r1", "", "q1", "reasoning"),
    item("a1", "assistant", "r1"),
    item("b1", "assistant", "q1"),
  ];
  expect(drawn(items, "a1")).toEqual(["q1 *", "  a1 1 *", "  b1 2"]);
});

it("a chat that begins anew has its beginnings beside each other", () => {
  expect(drawn([item("q1", "user", null), item("p1", "user", null)], "p1")).toEqual(["  q1 1", "  p1 2 *"]);
});

it("a long chat is drawn without a deep call for each message", () => {
  const items = Array.from({ length: 20_000 }, (_, index) =>
    item(`m${index}`, index % 2 ? "assistant" : "user", index === 0 ? null : `m${index - 1}`),
  );
  expect(mapOf(chatOf(items, "m0"))).toHaveLength(20_000);
});

it("only a chat with a choice has a map worth showing", () => {
  expect(hasForks(chatOf(FORKED, "q1"))).toBe(true);
  expect(hasForks(chatOf(FORKED.slice(0, 2), "q1"))).toBe(false);
});
