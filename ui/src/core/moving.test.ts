import { describe, expect, it } from "vitest";

import { fileName } from "./moving";

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
