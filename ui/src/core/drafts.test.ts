/** What was typed outlives a reload, but no chat that leaves nothing behind. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Drafts } from "./drafts";
import { setUp, settle } from "./session-test-setup";

const kept = new Map<string, string>();
const remembered = {
  draft: (place: string) => kept.get(place) ?? null,
  rememberDraft: (place: string, text: string) =>
    void (text === "" ? kept.delete(place) : kept.set(place, text)),
};

beforeEach(() => {
  vi.useFakeTimers();
  kept.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

it("of the first message of a temporary chat nothing is kept, also of what was typed before", () => {
  let isTemporary = false;
  const drafts = new Drafts(remembered, () => isTemporary);
  drafts.keep(null, "sec");
  expect([...kept.values()]).toEqual(["sec"]);
  isTemporary = true;
  drafts.keep(null, "secret");
  expect(kept.size).toBe(0);
  expect(drafts.of(null)).toBe("secret");
});

it("a chat that becomes temporary takes what is written out of the browser", () => {
  const { session } = setUp();
  const keep = vi.spyOn(session.drafts, "keep");
  session.drafts.keep(null, "secret");
  session.setTemporary(true);
  expect(keep.mock.calls).toEqual([
    [null, "secret"],
    [null, "secret"],
  ]);
});

it("goes with a deleted chat", async () => {
  const drafts = new Drafts(remembered, () => false);
  drafts.keep("conv_1", "and then");
  drafts.drop("conv_1");
  expect([kept.size, drafts.of("conv_1")]).toEqual([0, ""]);
  const { session } = setUp();
  await settle();
  session.drafts.keep("conv_1", "and then");
  session.list.remove("conv_1");
  session.list.settle();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(session.drafts.of("conv_1")).toBe("");
});
