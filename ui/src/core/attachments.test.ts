import { expect, it } from "vitest";

import { hasArrived } from "./arrived";
import { canSee, contentFor, isSameSaid, mightSee, partsFor, saidIn } from "./attachments";
import { createFrame } from "./frames";
import { NO_SETTINGS } from "./chat-settings";
import { threadOf } from "./items";
import { sent } from "./steps";
import { EMPTY_THREAD, pathTo } from "./tree";
import type { WireTree } from "./wire";

const PHOTO = { id: "file_1", kind: "image", name: "photo.jpg" } as const;
const NOTES = { id: "file_2", kind: "file", name: "notes.txt" } as const;
const SAID = { text: "Look at this", attachments: [PHOTO, NOTES] };
const RUN = { streamId: "page-1", key: "run_1", model: "echo", parent: null, at: 0 };

const CONTENT = [
  { type: "input_image", file_id: "file_1", detail: "auto" },
  { type: "input_file", file_id: "file_2", filename: "notes.txt" },
  { type: "input_text", text: "Look at this" },
];

function treeWith(content: readonly object[]): WireTree {
  return {
    conversation_id: "conv_1",
    head: "msg_1",
    running: [],
    responses: {},
    items: [
      { id: "msg_1", type: "message", role: "user", content, "maru:parent": null },
    ] as WireTree["items"],
  };
}

it("what goes with a message stands before its words, and there need be no words", () => {
  expect(contentFor(SAID)).toEqual(CONTENT);
  expect(contentFor({ text: "", attachments: [PHOTO] })).toEqual(CONTENT.slice(0, 1));
  expect(partsFor({ text: "hi", attachments: [] })).toEqual([{ kind: "text", text: "hi" }]);
});

it("a message comes back from the server with the names of its files", () => {
  const kept = [{ ...CONTENT[0], image_url: null, "maru:filename": "photo.jpg" }, ...CONTENT.slice(1)];
  const node = threadOf(treeWith(kept)).nodes["msg_1"];
  expect(node && saidIn(node)).toEqual(SAID);
});

it("the frame of a question holds the ids of its files", () => {
  const thread = sent(EMPTY_THREAD, RUN, { ...SAID, id: "local_1" });
  const run = thread.runs["page-1"];
  if (run === undefined) throw new Error("no run");
  expect(createFrame("conv_1", thread, run, NO_SETTINGS)).toMatchObject({
    input: [{ role: "user", content: CONTENT }],
  });
});

it("of a temporary chat all files go along with every question", () => {
  const first = sent(EMPTY_THREAD, RUN, { text: "", attachments: [PHOTO], id: "local_1" });
  const second = sent(first, { ...RUN, streamId: "page-2", parent: "local_1" }, { ...SAID, id: "local_2" });
  const run = second.runs["page-2"];
  if (run === undefined) throw new Error("no run");
  const frame = createFrame("local_temporary_1", second, run, NO_SETTINGS);
  expect(frame).toMatchObject({
    store: false,
    input: [{ content: CONTENT.slice(0, 1) }, { content: CONTENT }],
  });
});

it("a question that arrived is known by its files as well as its words", () => {
  const thread = sent(EMPTY_THREAD, RUN, { ...SAID, id: "local_1" });
  const run = thread.runs["page-1"];
  if (run === undefined) throw new Error("no run");
  expect(hasArrived(thread, run, treeWith(CONTENT))).toBe(true);
  expect(hasArrived(thread, run, treeWith(CONTENT.slice(2)))).toBe(false);
  expect(pathTo(thread, thread.head)).toEqual(["local_1"]);
});

it("messages with the same words and other files are others", () => {
  expect(isSameSaid(SAID, { ...SAID, attachments: [PHOTO, { ...NOTES }] })).toBe(true);
  expect(isSameSaid(SAID, { ...SAID, attachments: [PHOTO] })).toBe(false);
});

it("a model sees images when the server says so", () => {
  expect(canSee({ id: "echo", input_modalities: ["text", "image"] })).toBe(true);
  expect(canSee({ id: "house", input_modalities: ["text"] })).toBe(false);
  expect(canSee({ id: "old" })).toBe(false);
  expect(canSee(undefined)).toBe(false);
});

it("what a model that is still loading can do is not known, and nobody is turned away", () => {
  expect(mightSee(undefined)).toBe(true);
  expect(mightSee({ id: "slow", "maru:state": "loading", input_modalities: ["text"] })).toBe(true);
  expect(mightSee({ id: "house", "maru:state": "ready", input_modalities: ["text"] })).toBe(false);
});
