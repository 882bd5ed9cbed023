import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Said } from "./attachments";
import { Queue, readWaiting } from "./queue";
import type { ChatState } from "./state";
import { FIRST_STATE } from "./state";
import type { Run } from "./tree";
import { EMPTY_THREAD } from "./tree";

const KEY = "conv_1";
const RUN = { streamId: "page-1" } as Run;

const words = (text: string): Said => ({ text, attachments: [] });

function setUp(kept: string | null = null) {
  const store = createStore<ChatState>(() => ({ ...FIRST_STATE, modelsState: "ready" }));
  const sent: string[] = [];
  const disk = { text: kept };
  let ids = 0;
  let canAsk = true;
  const runs = (isOn: boolean): void => {
    const thread = { ...EMPTY_THREAD, runs: isOn ? { "page-1": RUN } : {} };
    store.setState({ threads: { [KEY]: { state: "ready", thread } } });
  };
  const queue = new Queue({
    store,
    newId: () => String((ids += 1)),
    ask: (_, { text }) => {
      if (!canAsk) return false;
      sent.push(text);
      runs(true);
      return true;
    },
    recall: () => disk.text,
    remember: (text) => {
      disk.text = text;
    },
  });
  runs(true);
  const end = (wasWell: boolean): void => {
    runs(false);
    queue.ended(KEY, wasWell);
  };
  const forbid = (): void => {
    canAsk = false;
  };
  return { queue, sent, disk, end, forbid, waiting: () => store.getState().waiting[KEY] };
}

it("one goes after each answer, in order", () => {
  const { queue, sent, end, waiting } = setUp();
  queue.add(KEY, words("one"));
  queue.add(KEY, words("two"));
  expect(sent).toEqual([]);
  end(true);
  expect(sent).toEqual(["one"]);
  end(true);
  expect(sent).toEqual(["one", "two"]);
  expect(waiting()).toBeUndefined();
});

it("after an answer that was stopped nothing goes until it is released", () => {
  const { queue, sent, end, waiting } = setUp();
  queue.add(KEY, words("one"));
  end(false);
  queue.goOn(KEY);
  expect(sent).toEqual([]);
  expect(waiting()?.isHeld).toBe(true);
  queue.release(KEY);
  expect(sent).toEqual(["one"]);
});

it("a message that is being edited waits for its new words", () => {
  const { queue, sent, end, waiting } = setUp();
  queue.add(KEY, words("one"));
  const id = waiting()?.messages[0]?.id ?? "";
  queue.beginEdit(KEY, id);
  end(true);
  expect(sent).toEqual([]);
  queue.endEdit(KEY, id, "better");
  expect(sent).toEqual(["better"]);
});

it("a message that was taken back does not go", () => {
  const { queue, sent, end, waiting } = setUp();
  queue.add(KEY, words("one"));
  queue.add(KEY, words("two"));
  queue.remove(KEY, waiting()?.messages[0]?.id ?? "");
  end(true);
  expect(sent).toEqual(["two"]);
});

it("what cannot be sent is held and not lost", () => {
  const { queue, end, forbid, waiting } = setUp();
  queue.add(KEY, words("one"));
  forbid();
  end(true);
  expect(waiting()).toMatchObject({ isHeld: true, messages: [{ text: "one" }] });
});

it("a reload brings back what waited, and nobody is in the middle of editing it", () => {
  const first = setUp();
  first.queue.add(KEY, words("one"));
  first.queue.beginEdit(KEY, first.waiting()?.messages[0]?.id ?? "");
  const second = setUp(first.disk.text);
  expect(second.waiting()?.messages).toMatchObject([{ text: "one", isEdited: false }]);
  second.end(true);
  expect(second.sent).toEqual(["one"]);
  expect(second.disk.text).toBe("");
});

it("a conversation that got its id keeps what waits in it", () => {
  const { queue, waiting } = setUp();
  queue.add("local_1", words("one"));
  queue.rekey("local_1", KEY);
  expect(waiting()?.messages).toMatchObject([{ text: "one" }]);
});

it("what cannot be read is nothing", () => {
  expect(readWaiting("{")).toEqual({});
  expect(readWaiting('{"a":1}')).toEqual({});
});

it("what goes with a message waits with it, also over a reload and new words", () => {
  const photo = { id: "file_1", kind: "image", name: "photo.jpg" } as const;
  const first = setUp();
  first.queue.add(KEY, { text: "look", attachments: [photo] });
  const second = setUp(first.disk.text);
  second.queue.endEdit(KEY, second.waiting()?.messages[0]?.id ?? "", "look here");
  expect(second.waiting()?.messages).toMatchObject([{ text: "look here", attachments: [photo] }]);
});
