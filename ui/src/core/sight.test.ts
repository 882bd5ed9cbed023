import { describe, expect, it } from "vitest";

import { threadOf } from "./items";
import { withPins } from "./memory";
import { SEES_ALL, sightKeeper, sightOf } from "./sight";
import { headMoved } from "./steps";
import type { Thread } from "./tree";
import type { WireContext, WireTree, WireTreeItem } from "./wire";

const say = (id: string, role: string, parent: string | null, response: string): WireTreeItem => ({
  id,
  type: "message",
  role,
  content: [{ type: role === "user" ? "input_text" : "output_text", text: id }],
  "maru:parent": parent,
  "maru:response": response,
});

/** q1 a1 … q4 a4 in a row, each answer told what its model was shown; beside a2 an older answer of few words, b2. */
function chat(contexts: Readonly<Record<string, WireContext>>, more: Partial<WireTree> = {}): Thread {
  const items = [1, 2, 3, 4].flatMap((n) => [
    say(`q${n}`, "user", n === 1 ? null : `a${n - 1}`, `r${n}`),
    say(`a${n}`, "assistant", `q${n}`, `r${n}`),
  ]);
  const responses = Object.fromEntries(
    ["r1", "r2", "r3", "r4", "s2"].map((id) => [
      id,
      { status: "completed" as const, model: "house", "maru:context": contexts[id] ?? null },
    ]),
  );
  return threadOf({
    conversation_id: "conv_1",
    head: "a4",
    items: [...items, say("b2", "assistant", "q2", "s2")],
    running: [],
    responses,
    ...more,
  });
}

const ALL: WireContext = { first_item: "q1", items_left_out: 0 };
const FROM_Q3: WireContext = { first_item: "q3", items_left_out: 4 };
const summary = (id: string, last_item: string) => ({ id, last_item, text: id, model: "house" });

describe("where the line stands", () => {
  it("nowhere, when the newest answer's model saw everything", () => {
    expect(sightOf(chat({ r3: FROM_Q3, r4: ALL }))).toBe(SEES_ALL);
  });

  it("nowhere, when nothing is told, or the item is not of this branch", () => {
    expect(sightOf(chat({}))).toBe(SEES_ALL);
    expect(sightOf(chat({ r4: { first_item: "deleted", items_left_out: 4 } }))).toBe(SEES_ALL);
  });

  it("before the first item that was sent, with what is above it unseen", () => {
    const sight = sightOf(chat({ r4: FROM_Q3 }));
    expect(sight.from).toBe("q3");
    expect([...sight.unseen]).toEqual(["q1", "a1", "q2", "a2"]);
  });

  it("before the newest question, when that was all that was sent", () => {
    expect(sightOf(chat({ r4: { first_item: null, items_left_out: 6 } })).from).toBe("q4");
    expect(sightOf(chat({ r4: { first_item: null, items_left_out: 0 } })).from).toBe("q4");
  });

  it("nowhere, when the first question was all that was sent, because there was no other", () => {
    const thread = headMoved(chat({ r1: { first_item: null, items_left_out: 0 } }), "a1");
    expect(sightOf(thread)).toBe(SEES_ALL);
  });

  it("before the first of several messages that were sent at once", () => {
    const items = [
      say("q1", "user", null, "r1"),
      say("a1", "assistant", "q1", "r1"),
      say("q2", "user", "a1", "r2"),
      say("q3", "user", "q2", "r2"),
      say("a3", "assistant", "q3", "r2"),
    ];
    const context = { first_item: null, items_left_out: 2 };
    const responses = { r2: { status: "completed" as const, model: "house", "maru:context": context } };
    const thread = chat({}, { items, head: "a3", responses });
    expect(sightOf(thread).from).toBe("q2");
  });

  it("where the newest answer that tells anything says, while the next question has no answer yet", () => {
    expect(sightOf(headMoved(chat({ r3: FROM_Q3 }), "q4")).from).toBe("q3");
  });

  it("on each branch where that branch's newest answer says", () => {
    const thread = chat({ r4: FROM_Q3, s2: { first_item: "q2", items_left_out: 2 } });
    expect(sightOf(headMoved(thread, "b2")).from).toBe("q2");
    expect(sightOf(headMoved(thread, "a4")).from).toBe("q3");
  });
});

describe("pins", () => {
  it("keep the question and its answer in view, whichever of them is pinned", () => {
    const thread = chat({ r4: FROM_Q3 });
    for (const id of ["q1", "a1"]) {
      expect([...sightOf(withPins(thread, [id], true)).unseen]).toEqual(["q2", "a2"]);
    }
  });

  it("leave no line, when everything above it is pinned", () => {
    expect(sightOf(withPins(chat({ r4: FROM_Q3 }), ["q1", "q2"], true))).toBe(SEES_ALL);
  });

  it("change nothing about what a compaction item stands for", () => {
    const items: WireTreeItem[] = [
      say("q1", "user", null, "r1"),
      say("a1", "assistant", "q1", "r1"),
      { id: "c1", type: "compaction", "maru:parent": "a1", "maru:response": "r2" },
      say("q3", "user", "c1", "r3"),
      say("a3", "assistant", "q3", "r3"),
    ];
    const context = { first_item: null, items_left_out: 0, compaction: "c1" };
    const responses = { r3: { status: "completed" as const, model: "house", "maru:context": context } };
    const thread = withPins(chat({}, { items, head: "a3", responses }), ["q1"], true);
    expect(sightOf(thread).from).toBe("q3");
    expect([...sightOf(thread).unseen]).toEqual(["q1", "a1"]);
  });
});

describe("the summary", () => {
  const summaries = [
    summary("s1", "a1"),
    summary("s2", "a2"),
    summary("ahead", "a3"),
    summary("other", "b2"),
  ];

  it("is the one that stands for most of what is above the line", () => {
    expect(sightOf(chat({ r4: FROM_Q3 }, { summaries })).summary?.id).toBe("s2");
    expect(sightOf(chat({ r4: { first_item: "q2", items_left_out: 2 } }, { summaries })).summary?.id).toBe(
      "s1",
    );
  });

  it("is the newer of two that stand for the same", () => {
    const two = [...summaries, summary("s3", "a2")];
    expect(sightOf(chat({ r4: FROM_Q3 }, { summaries: two })).summary?.id).toBe("s3");
  });

  it("tells whether the newest answer was written with it", () => {
    const shown = chat({ r4: { ...FROM_Q3, summary: "s2" } }, { summaries });
    expect(sightOf(shown).isSummaryShown).toBe(true);
    expect(sightOf(chat({ r4: FROM_Q3 }, { summaries })).isSummaryShown).toBe(false);
  });
});

it("a sight that did not change is the same object as before", () => {
  const keep = sightKeeper();
  const thread = chat({ r4: FROM_Q3 });
  const first = keep(thread);
  expect(keep({ ...thread })).toBe(first);
  expect(keep(withPins(thread, ["q1"], true))).not.toBe(first);
});
