import { expect, it } from "vitest";

import { groupsOf } from "./groups";

const NOW = new Date(2026, 10, 23, 0, 30);
const at = (...date: [number, number, number, number?]) => ({
  id: date.join("-"),
  title: null,
  head: null,
  isPinned: false,
  isArchived: false,
  folder: null,
  metadata: {},
  updatedAt: new Date(...date).getTime() / 1000,
});

it("days are counted between midnights, not by hours", () => {
  const groups = groupsOf(
    [
      at(2026, 10, 23),
      at(2026, 10, 22, 23),
      at(2026, 10, 16),
      at(2026, 10, 15, 23),
      at(2026, 9, 24),
      at(2026, 9, 23, 23),
      at(2025, 1, 1),
    ],
    NOW,
  );
  expect(groups.map((group) => [group.name, group.conversations.length])).toEqual([
    ["today", 1],
    ["yesterday", 1],
    ["week", 1],
    ["month", 2],
    ["older", 2],
  ]);
});

it("what is pinned stands before everything else, however old it is", () => {
  const pinned = { ...at(2020, 1, 1), isPinned: true };
  const groups = groupsOf([at(2026, 10, 23), pinned], NOW);
  expect(groups.map((group) => [group.name, group.conversations.length])).toEqual([
    ["pinned", 1],
    ["today", 1],
  ]);
});

it("what lies in a folder is in no group, unless it is pinned", () => {
  const filed = { ...at(2026, 10, 23), folder: "fold_1" };
  expect(groupsOf([filed], NOW)).toEqual([]);
  expect(groupsOf([{ ...filed, isPinned: true }], NOW).map((group) => group.name)).toEqual(["pinned"]);
});
