import { expect, it } from "vitest";

import { wavOf } from "./wav";

it("channels become one, and what is too loud is cut", () => {
  const view = new DataView(wavOf([new Float32Array([1, 0.5, 3]), new Float32Array([1, -0.5, 3])]));
  const text = (at: number): string =>
    String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  expect([text(0), text(8), text(36)]).toEqual(["RIFF", "WAVE", "data"]);
  expect([view.getUint32(4, true), view.getUint32(24, true), view.getUint32(40, true)]).toEqual([
    42, 16_000, 6,
  ]);
  expect([44, 46, 48].map((at) => view.getInt16(at, true))).toEqual([32_767, 0, 32_767]);
});
