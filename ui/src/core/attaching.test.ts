import { expect, it } from "vitest";

import type { Api } from "./api";
import { ApiError } from "./api";
import type { Prepared, SendFile } from "./attaching";
import { Attaching, kindOf } from "./attaching";
import { MOST_ATTACHMENTS } from "./attachments";

const KEY = "conv_1";

function setUp({
  kept = null as string | null,
  prepare = undefined as Prepared | undefined,
  sees = true,
} = {}) {
  const disk = { text: kept };
  const deleted: string[] = [];
  const sent: string[] = [];
  const told: string[] = [];
  const network = { isUp: true, canPrepare: true };
  let ids = 0;
  const sendFile: SendFile = async ({ name, purpose, content }, hears) => {
    await after(0);
    if (!network.isUp) throw new ApiError(0, "unreachable", "");
    hears.sent(0.5);
    sent.push(`${purpose} ${name}`);
    return { id: `file_${name}`, bytes: content.size, filename: name };
  };
  const attaching = new Attaching({
    api: { deleteFiles: async (files) => void deleted.push(...files) } as Pick<Api, "deleteFiles"> as Api,
    sendFile,
    prepare: async (file) => {
      if (!network.canPrepare) throw new TypeError("no chunk");
      return prepare ?? { kind: kindOf(file), name: file.name, content: file };
    },
    newId: () => String((ids += 1)),
    mightSee: () => sees,
    announce: (kind) => told.push(kind),
    recall: () => disk.text,
    remember: (text) => {
      disk.text = text;
    },
  });
  return { attaching, disk, deleted, sent, told, network };
}

const file = (name: string, type = "text/plain", content = "words") => new File([content], name, { type });
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const settle = () => after(10);

it("files are sent when they are attached, and go with the message by their ids", async () => {
  const { attaching, sent, told } = setUp();
  await attaching.add(KEY, [file("a.png", "image/png"), file("b.txt")]);
  expect(attaching.ready(KEY)).toBeNull();
  await settle();
  expect(sent).toEqual(["vision a.png", "user_data b.txt"]);
  expect(told).toEqual(["attached", "attached"]);
  expect(attaching.ready(KEY)).toEqual([
    { id: "file_a.png", kind: "image", name: "a.png" },
    { id: "file_b.txt", kind: "file", name: "b.txt" },
  ]);
  attaching.clear(KEY);
  expect(attaching.ready(KEY)).toEqual([]);
});

it("each conversation has its own, and the one that gets its id keeps them", async () => {
  const { attaching } = setUp();
  await attaching.add(null, [file("new.txt")]);
  await attaching.add("local_1", [file("first.txt")]);
  await settle();
  attaching.rekey("local_1", KEY);
  expect(attaching.of(KEY).map(({ name }) => name)).toEqual(["first.txt"]);
  expect(attaching.of(null).map(({ name }) => name)).toEqual(["new.txt"]);
  expect(attaching.of("local_1")).toEqual([]);
});

it("a reload keeps what the server has, but nothing of a temporary chat", async () => {
  const first = setUp();
  await first.attaching.add(KEY, [file("b.txt")]);
  await first.attaching.add("local_temporary_1", [file("secret.txt")]);
  await settle();
  const second = setUp({ kept: first.disk.text });
  expect(second.attaching.ready(KEY)).toEqual([{ id: "file_b.txt", kind: "file", name: "b.txt" }]);
  expect(second.attaching.of(KEY)[0]?.bytes).toBe(5);
  expect(first.disk.text).not.toContain("secret");
  expect(setUp({ kept: "{" }).attaching.of(KEY)).toEqual([]);
  expect(setUp({ kept: '{"conv_1":[{"id":1}]}' }).attaching.of(KEY)).toEqual([]);
});

it("what is taken back is gone from the server too", async () => {
  const { attaching, deleted, disk } = setUp();
  await attaching.add(KEY, [file("b.txt")]);
  await settle();
  attaching.remove(KEY, attaching.of(KEY)[0]?.id ?? "");
  expect(deleted).toEqual(["file_b.txt"]);
  expect(disk.text).toBe("");
});

it("what is taken back while it is sent is forgotten when it arrives", async () => {
  const { attaching, deleted, told } = setUp();
  await attaching.add(KEY, [file("b.txt")]);
  attaching.remove(KEY, attaching.of(KEY)[0]?.id ?? "");
  await settle();
  expect(deleted).toEqual(["file_b.txt"]);
  expect(told).toEqual(["unattached"]);
});

it("what the network lost stays, and is sent again by the person or when the network is back", async () => {
  const { attaching, network, sent } = setUp();
  network.isUp = false;
  await attaching.add(KEY, [file("b.txt")]);
  await settle();
  expect(attaching.of(KEY)[0]).toMatchObject({ state: "failed", error: { code: "unreachable" } });
  expect(attaching.ready(KEY)).toBeNull();
  network.isUp = true;
  attaching.retryLost();
  await settle();
  expect(sent).toEqual(["user_data b.txt"]);
  expect(attaching.ready(KEY)).toHaveLength(1);
});

it("a model that cannot see gets no images, and still gets texts", async () => {
  const { attaching, sent } = setUp({ sees: false });
  await attaching.add(KEY, [file("a.png", "image/png"), file("b.txt"), file("c.svg", "image/svg+xml")]);
  await settle();
  expect(sent).toEqual(["user_data b.txt", "user_data c.svg"]);
  expect(attaching.store.getState().refused[KEY]).toEqual([{ name: "a.png", reason: "blind", most: 0 }]);
});

it("what cannot be attached is told before anything is sent, until the next try", async () => {
  const { attaching, sent } = setUp({ prepare: { refused: "tooLarge", most: 7 } });
  await attaching.add(KEY, [file("big.txt"), file("empty.txt", "text/plain", "")]);
  expect(sent).toEqual([]);
  expect(attaching.of(KEY)).toEqual([]);
  expect(attaching.store.getState().refused[KEY]).toEqual([
    { name: "empty.txt", reason: "empty", most: 0 },
    { name: "big.txt", reason: "tooLarge", most: 7 },
  ]);
  await attaching.add(KEY, []);
  expect(attaching.store.getState().refused[KEY]).toBeUndefined();
});

it("no more than fit into one message", async () => {
  const { attaching } = setUp();
  const many = Array.from({ length: MOST_ATTACHMENTS + 1 }, (_, index) => file(`${index}.txt`));
  await attaching.add(KEY, many);
  expect(attaching.of(KEY)).toHaveLength(MOST_ATTACHMENTS);
  expect(attaching.store.getState().refused[KEY]).toMatchObject([{ reason: "tooMany" }]);
});

it("a file that cannot be looked at keeps no other, and is looked at again", async () => {
  const { attaching, network, sent } = setUp();
  network.canPrepare = false;
  await attaching.add(KEY, [file("a.txt")]);
  expect(attaching.of(KEY)[0]?.state).toBe("failed");
  network.canPrepare = true;
  await attaching.add(KEY, [file("b.txt")]);
  attaching.retryLost();
  await settle();
  expect(sent.toSorted()).toEqual(["user_data a.txt", "user_data b.txt"]);
  expect(attaching.ready(KEY)).toHaveLength(2);
});

it("a duplicated tab leaves what waits to the other one", async () => {
  const { attaching, deleted, disk } = setUp();
  await attaching.add(KEY, [file("a.txt")]);
  await settle();
  attaching.leaveToTwin();
  expect(attaching.of(KEY)).toEqual([]);
  expect([...deleted, disk.text]).toEqual([""]);
});
