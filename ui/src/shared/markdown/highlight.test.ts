import { expect, it } from "vitest";

import { ColouredCode, loadTokenizer } from "./highlight";

const CODE = 'def f():\n    """one\n    two"""\n    return 1\n';

it("a block coloured line by line looks like one coloured at once", async () => {
  const python = await loadTokenizer("python");
  if (python === null) throw new Error("no grammar");
  const growing = new ColouredCode();
  let rows = growing.rowsOf("", python);
  for (let end = 1; end <= CODE.length; end += 1) rows = growing.rowsOf(CODE.slice(0, end), python);
  expect(rows).toEqual(new ColouredCode().rowsOf(CODE, python));
});

it("finished lines are the same objects afterwards", async () => {
  const python = await loadTokenizer("py");
  if (python === null) throw new Error("no grammar");
  const growing = new ColouredCode();
  const before = growing.rowsOf("a = 1\nb", python);
  const after = growing.rowsOf("a = 1\nb = 2\nc", python);
  expect(after[0]).toBe(before[0]);
});

it("an unknown language has no colours", async () => {
  expect(await loadTokenizer("klingon")).toBeNull();
  expect(await loadTokenizer("constructor")).toBeNull();
});
