import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Dictation } from "./dictation";
import type { Ear, Hears } from "./ear";
import { VoiceError } from "./ear";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(stop: () => Promise<string>, keepsSound = true) {
  const words: string[] = [];
  const cancel = vi.fn<() => void>();
  let hears: Hears | null = null;
  const ear: Ear = { keepsSound, stop: vi.fn<() => Promise<string>>(stop), cancel };
  const dictation = new Dictation({
    listen: async (given) => {
      hears = given;
      return ear;
    },
    maxSeconds: 600,
    now: () => Date.now(),
    onWords: (text) => words.push(text),
  });
  return {
    dictation,
    words,
    cancel,
    ear,
    hears: () => hears as unknown as Hears,
    state: () => dictation.store.getState(),
  };
}

it("words come once, however often one says that it is enough", async () => {
  const { dictation, words, ear, state } = setUp(async () => "hello");
  await dictation.start();
  expect(state().phase).toBe("listening");
  await Promise.all([dictation.finish(), dictation.finish()]);
  expect([words, state().phase]).toEqual([["hello"], "over"]);
  expect(ear.stop).toHaveBeenCalledTimes(1);
});

it("ends by itself when the time is up, and when there is nothing to listen to any more", async () => {
  const long = setUp(async () => "long");
  await long.dictation.start();
  await vi.advanceTimersByTimeAsync(599_000);
  expect(long.state().phase).toBe("listening");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(long.words).toEqual(["long"]);
  const short = setUp(async () => "short");
  await short.dictation.start();
  short.hears().ended();
  await vi.advanceTimersByTimeAsync(0);
  expect(short.words).toEqual(["short"]);
});

it("what was cancelled puts no words in, also while it is written down", async () => {
  const { dictation, words, cancel } = setUp(
    () => new Promise((resolve) => setTimeout(resolve, 5_000, "late")),
  );
  await dictation.start();
  const finished = dictation.finish();
  dictation.cancel();
  await vi.advanceTimersByTimeAsync(6_000);
  await finished;
  expect(words).toEqual([]);
  expect(cancel).toHaveBeenCalledTimes(1);
});

it("cancelled before the microphone was there, it is let go", async () => {
  const { dictation, cancel, state } = setUp(async () => "");
  const started = dictation.start();
  dictation.cancel();
  await started;
  expect([cancel.mock.calls.length, state().phase]).toEqual([1, "over"]);
});

it.each(["network", "failed"] as const)("after %s the same recording may be sent again", async (kind) => {
  const answers = [Promise.reject(new VoiceError(kind, "why")), Promise.resolve("hello")];
  const { dictation, words, state } = setUp(() => answers.shift() ?? Promise.resolve(""));
  await dictation.start();
  await dictation.finish();
  expect(state()).toMatchObject({ phase: "trouble", trouble: { kind, reason: "why" }, canRetry: true });
  await dictation.finish();
  expect(words).toEqual(["hello"]);
});

it("an ear that keeps no sound is not asked for it again", async () => {
  const { dictation, state } = setUp(() => Promise.reject(new VoiceError("network")), false);
  await dictation.start();
  await dictation.finish();
  expect(state()).toMatchObject({ phase: "trouble", trouble: { kind: "network" }, canRetry: false });
});

it("nothing heard is a trouble of its own, and is not tried again with the same silence", async () => {
  const { dictation, state } = setUp(async () => "");
  await dictation.start();
  await dictation.finish();
  expect(state()).toMatchObject({ phase: "trouble", trouble: { kind: "empty" }, canRetry: false });
});
