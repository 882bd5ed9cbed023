import { expect, it } from "vitest";

import { groupsOf } from "./groups";

const NOW = new Date(2026, 10, 23, 0, 30);
const at = (...date: [number, number, number, number?]) => ({
  id: date.join("-"),
  title: null,
  head: null,
  updatedAt: new Date(...date).getTime() / 1000,
});

it("days are counted between midnights, not by hours", () => {
  const groups = groupsOf(
    [at(2026, 10, 23), at(2026, 10, 22, 23), at(2026, 10, 16), at(2026, 10, 15, 23), at(2025, 1, 1)],
    NOW,
  );
  expect(groups.map((group) => [group.name, group.conversations.length])).toEqual([
    ["today", 1],
    ["yesterday", 1],
    ["week", 1],
    ["older", 2],
  ]);
});
