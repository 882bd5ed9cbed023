import { describe, expect, it, vi } from "vitest";

import type { Api } from "./api";
import { ApiError } from "./api";
import type { Upload } from "./moving";
import { fileName, Moving } from "./moving";
import type { WireImportRecord } from "./wire";

describe("the name of a file", () => {
  it("is the title where every system takes it", () => {
    expect(fileName("점심 뭐 먹지")).toBe("점심 뭐 먹지");
    expect(fileName('a/b\\c:"d"<e>|f?*')).toBe("a b c d e f");
    expect(fileName("../../etc/passwd")).toBe("etc passwd");
    expect(fileName("line\nand\u0000nul \u202egnp.exe")).toBe("line and nul gnp.exe");
    expect(fileName("ends with dots...")).toBe("ends with dots");
  });

  it("is never empty and never too long", () => {
    expect(fileName(" ../ ")).toBe("maru");
    expect([...fileName("👋".repeat(200))]).toHaveLength(80);
  });
});

describe("a chat that goes out", () => {
  it.each([
    ["json", "application/json", "Tea.json"],
    ["json", "application/x-ndjson", "Tea.jsonl"],
    ["markdown", "text/markdown", "Tea.md"],
  ] as const)("as %s of type %s is %s", async (format, type, name) => {
    const content = new Blob([], { type });
    const api = { exportOne: async () => content } as unknown as Api;
    const moving = new Moving({ api, upload: vi.fn<Upload>(), arrived: vi.fn<() => void>() });
    expect(await moving.exportOne("conv_1", format, "Tea", "en")).toEqual({ name, content });
  });
});

const record = (change: Partial<WireImportRecord>): WireImportRecord => ({
  object: "maru.import.record",
  file: "c.json",
  number: 1,
  outcome: "imported",
  share: 0.5,
  title: "Tea",
  source: "chatgpt",
  conversation: "conv_1",
  why: null,
  detail: null,
  ...change,
});
const REPORT = { object: "maru.import.report", imported: 1, skipped: 0, failed: 0 };

function setUp(lines: readonly object[], error: Error | null = null) {
  const arrived = vi.fn<() => void>();
  const asked: string[] = [];
  const upload: Upload = async (path, _file, hears) => {
    asked.push(path);
    hears.sent(0.4);
    hears.sent(1);
    for (const line of lines) hears.line(JSON.stringify(line));
    if (error !== null) throw error;
  };
  const moving = new Moving({ api: {} as Api, upload, arrived });
  return { moving, arrived, asked, now: () => moving.coming.getState().now };
}

describe("a file that comes in", () => {
  it("is counted record by record, and what was not taken in is kept to be told", async () => {
    const { moving, arrived, asked, now } = setUp([
      record({}),
      record({ number: 2, outcome: "skipped", why: "here_already" }),
      record({ number: 3, outcome: "failed", why: "damaged", share: 1 }),
      record({ number: 4, detail: "2 pictures are named only" }),
      REPORT,
    ]);
    const phases: string[] = [];
    moving.coming.subscribe(({ now: coming }) => phases.push(coming?.phase ?? ""));
    await moving.importFile("내 대화.json", new Blob(["[]"]));
    expect(asked).toEqual([`/import?name=${encodeURIComponent("내 대화.json")}`]);
    expect([...new Set(phases)]).toEqual(["sending", "reading", "done"]);
    expect(now()?.sums).toEqual({ imported: 2, skipped: 1, failed: 1 });
    expect(now()?.problems.map((problem) => problem.number)).toEqual([3, 4]);
    expect(arrived).toHaveBeenCalledOnce();
  });

  it("has failed when the last line is missing, and then shows what did come in", async () => {
    const { moving, arrived, now } = setUp([record({})]);
    await moving.importFile("c.json", new Blob(["[]"]));
    expect(now()?.phase).toBe("failed");
    expect(arrived).toHaveBeenCalledOnce();
  });

  it("tells why the server refused it", async () => {
    const refusal = new ApiError(429, "import_running", "wait");
    const { moving, arrived, now } = setUp([], refusal);
    await moving.importFile("c.json", new Blob(["[]"]));
    expect(now()?.error).toBe(refusal);
    expect(arrived).not.toHaveBeenCalled();
    moving.forget();
    expect(now()).toBeNull();
  });
});
