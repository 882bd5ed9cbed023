import { describe, expect, it } from "vitest";

import { reduce } from "./reduce";
import { followed, sent } from "./steps";
import type { Thread } from "./tree";
import { EMPTY_THREAD, textOf, turnsOf } from "./tree";
import type { ServerFrame } from "./wire";
import { readFrame } from "./wire";

const LANE = "page-1";
const RUN = { streamId: LANE, key: "run_1", model: "house", parent: null, at: 1000 };

function asked(): Thread {
  return sent(EMPTY_THREAD, RUN, { id: "local_1", text: "hello", attachments: [] });
}

function after(thread: Thread, frames: readonly ServerFrame[]): Thread {
  return frames.reduce(
    (before, frame, index) => reduce(before, { streamId: LANE, frame, at: 2000 + index }),
    thread,
  );
}

const CREATED: ServerFrame = {
  type: "response.created",
  sequence_number: 0,
  response: { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] },
};
const ADDED = {
  type: "response.output_item.added",
  sequence_number: 1,
  output_index: 0,
  item: { id: "msg_2", type: "message", role: "assistant", status: "in_progress", content: [] },
} satisfies ServerFrame;
const PART: ServerFrame = {
  type: "response.content_part.added",
  sequence_number: 2,
  item_id: "msg_2",
  content_index: 0,
  part: { type: "output_text", text: "" },
};
const delta = (number: number, words: string): ServerFrame => ({
  type: "response.output_text.delta",
  sequence_number: number,
  item_id: "msg_2",
  content_index: 0,
  delta: words,
});
const ended = (
  type: "response.completed" | "response.incomplete" | "response.failed",
  status: "completed" | "incomplete" | "failed" | "cancelled",
): ServerFrame => ({ type, sequence_number: 9, response: { id: "resp_1", status, model: "house" } });

const ANSWER = [CREATED, ADDED, PART, delta(3, "Hi"), delta(4, " there")];

describe("an answer", () => {
  it("grows below the question, which takes the server's name and keeps its row", () => {
    const thread = after(asked(), ANSWER);
    expect(thread.head).toBe("msg_2");
    expect(thread.nodes["msg_1"]?.key).toBe("local_1");
    expect(thread.nodes["local_1"]).toBeUndefined();
    expect(textOf(thread.nodes["msg_2"])).toBe("Hi there");
  });

  it("is over with its terminal frame, and nothing stays being written", () => {
    const thread = after(asked(), [...ANSWER, ended("response.completed", "completed")]);
    expect(thread.runs).toEqual({});
    expect(thread.nodes["msg_2"]?.status).toBe("completed");
    expect(thread.responses["resp_1"]?.status).toBe("completed");
  });

  it("that was stopped keeps its words", () => {
    const thread = after(asked(), [...ANSWER, ended("response.incomplete", "cancelled")]);
    expect(textOf(thread.nodes["msg_2"])).toBe("Hi there");
    expect(thread.nodes["msg_2"]?.status).toBe("incomplete");
    expect(thread.responses["resp_1"]?.status).toBe("cancelled");
  });

  it("without a word leaves the question marked as unanswered", () => {
    const thread = after(asked(), [CREATED, ended("response.failed", "failed")]);
    expect(thread.unanswered["msg_1"]?.status).toBe("failed");
  });
});

describe("a replay", () => {
  it("that overlaps changes nothing twice", () => {
    const thread = after(asked(), [...ANSWER, delta(3, "Hi"), delta(4, " there"), delta(5, "!")]);
    expect(textOf(thread.nodes["msg_2"])).toBe("Hi there!");
  });

  it("from the start after a reload puts the answer below the question", () => {
    const question = { ...RUN, parent: "msg_1" };
    const loaded = after(asked(), [CREATED]);
    const thread = after(followed({ ...loaded, runs: {} }, question, "resp_1"), ANSWER);
    expect(turnsOf(thread).map((turn) => turn.ids)).toEqual([["msg_1"], ["msg_2"]]);
  });
});

describe("frames that do not belong", () => {
  it("on an unknown lane change nothing", () => {
    const thread = asked();
    expect(reduce(thread, { streamId: "page-2", frame: CREATED, at: 0 })).toBe(thread);
  });

  it("of unknown kinds are not read", () => {
    expect(readFrame('{"type":"response.hologram.delta"}')).toBeNull();
    expect(readFrame('{"type":"toString"}')).toBeNull();
    expect(readFrame("[1]")).toBeNull();
    expect(readFrame("no json")).toBeNull();
  });
});

it("a refusal ends the run and says why", () => {
  const refused: ServerFrame = { type: "error", error: { code: "conversation_locked", message: "busy" } };
  const thread = after(asked(), [refused]);
  expect(thread.runs).toEqual({});
  expect(thread.unanswered["local_1"]?.error?.code).toBe("conversation_locked");
});

it("somebody who reads another branch is left there", () => {
  const thread = after({ ...asked(), head: null }, ANSWER);
  expect(thread.head).toBeNull();
});

it("thinking and words of one response are one row", () => {
  const thinking: ServerFrame = {
    type: "response.output_item.added",
    sequence_number: 1,
    output_index: 0,
    item: { id: "rs_1", type: "reasoning", summary: [], content: [] },
  };
  const thought: ServerFrame = {
    type: "response.reasoning_text.delta",
    sequence_number: 2,
    item_id: "rs_1",
    content_index: 0,
    delta: "hm",
  };
  const words = { ...ADDED, sequence_number: 3 } as ServerFrame;
  const thread = after(asked(), [CREATED, thinking, thought, words]);
  expect(turnsOf(thread).map((turn) => turn.ids)).toEqual([["msg_1"], ["rs_1", "msg_2"]]);
  expect(thread.nodes["rs_1"]?.parts).toEqual([{ kind: "reasoning", text: "hm" }]);
});

it("of input that holds what was said before, only the last is the new question", () => {
  const first = after(asked(), [...ANSWER, ended("response.completed", "completed")]);
  const again = sent(first, { ...RUN, parent: "msg_2" }, { id: "local_2", text: "and?", attachments: [] });
  const created: ServerFrame = {
    ...CREATED,
    response: { id: "resp_2", status: "in_progress", "maru:input": ["in_1", "in_2", "in_3"] },
  };
  const thread = after(again, [created, { ...ADDED, item: { ...ADDED.item, id: "msg_4" } } as ServerFrame]);
  expect(thread.nodes["in_3"]?.key).toBe("local_2");
  expect(thread.nodes["msg_4"]?.parent).toBe("in_3");
  expect(thread.head).toBe("msg_4");
});

it("of input that holds nothing new, the answer stands below the old question", () => {
  const first = after(asked(), [...ANSWER, ended("response.completed", "completed")]);
  const again = sent(first, { ...RUN, parent: "msg_1" }, null);
  const created: ServerFrame = {
    ...CREATED,
    response: { id: "resp_2", status: "in_progress", "maru:input": ["in_1"] },
  };
  const thread = after(again, [created, { ...ADDED, item: { ...ADDED.item, id: "msg_4" } } as ServerFrame]);
  expect(thread.nodes["msg_4"]?.parent).toBe("msg_1");
});
