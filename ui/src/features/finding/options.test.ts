import { expect, it } from "vitest";

import { wordsOf } from "@/core/finding";
import type { WireHit } from "@/core/wire";
import type { Command } from "@/shared/commands";

import { groupsFor } from "./options";

const command = (name: Command["name"]): Command =>
  ({ name, icon: () => null, run: () => undefined }) as unknown as Command;
const hit = (id: string, conversation: string, item: string | null, text: string): WireHit => ({
  id,
  conversation,
  title: conversation,
  item,
  role: item === null ? null : "user",
  at: 1,
  snippet: [{ text, match: true }],
});
const conversation = (id: string, title: string | null) => ({
  id,
  title,
  head: null,
  updatedAt: 1,
  isPinned: false,
  isArchived: false,
  folder: null,
  metadata: {},
});

const offered = (query: string, hits: readonly WireHit[] = [], hasMore = false) =>
  groupsFor({
    words: wordsOf(query),
    conversations: [conversation("conv_1", "마루에서"), conversation("conv_2", null)],
    hits,
    hasMore,
    commands: [command("app.newChat"), command("command.dark")],
    namesOf: (one) => (one.name === "app.newChat" ? ["새 대화", "New chat"] : ["어두운 테마", "Dark theme"]),
    untitled: "새 대화",
  }).map((group) => [group.name, group.options.map((option) => option.id)]);

it("offers recent chats and every command before anything is written", () => {
  expect(offered(" ")).toEqual([
    ["recent", ["conv_1", "conv_2"]],
    ["commands", ["app.newChat", "command.dark"]],
  ]);
});

it("a title that the page knows comes at once and only once, the others from the server", () => {
  const hits = [
    hit("conv_1", "conv_1", null, "마루"),
    hit("conv_9", "conv_9", null, "마루"),
    hit("msg_1", "conv_9", "msg_1", "마루"),
  ];
  expect(offered("마루")).toEqual([["chats", ["conv_1"]]]);
  expect(offered("마루", hits, true)).toEqual([
    ["chats", ["conv_1", "conv_9"]],
    ["messages", ["msg_1", "more"]],
  ]);
});

it("a command is found by its name in either language", () => {
  expect(offered("dark")).toEqual([["commands", ["command.dark"]]]);
  expect(offered("어두운")).toEqual([["commands", ["command.dark"]]]);
  expect(offered("nothing like it")).toEqual([]);
});
