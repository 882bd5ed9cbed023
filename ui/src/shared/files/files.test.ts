import { expect, it } from "vitest";

import { fitted, named } from "./bounds";
import { isDrawn } from "./contents";
import { sizeOf } from "./size";
import { textIn } from "./text";

const bytes = (...numbers: number[]) => new Uint8Array(numbers);
const blob = (type: string) => new Blob([], { type });

it("a picture fits the edge and keeps its proportion", () => {
  expect(fitted(4000, 3000, 2000)).toEqual({ width: 2000, height: 1500 });
  expect(fitted(300, 4000, 2000)).toEqual({ width: 150, height: 2000 });
  expect(fitted(640, 480, 2000)).toEqual({ width: 640, height: 480 });
  expect(fitted(40_000, 3, 2000)).toEqual({ width: 2000, height: 1 });
});

it("a picture is named by what it became", () => {
  expect(named("IMG_1.HEIC", "image/jpeg")).toBe("IMG_1.jpg");
  expect(named("a.JPEG", "image/jpeg")).toBe("a.JPEG");
  expect(named("v1.2 plan", "image/png")).toBe("v1.2 plan.png");
  expect(named("", "image/png")).toBe("image.png");
});

it("text is what reads as text, whatever it is called", () => {
  expect(textIn(new TextEncoder().encode("가나다\n"))).toBe("가나다\n");
  expect(textIn(bytes(0xb0, 0xa1, 0xb3, 0xaa))).toBe("가나"); // as Korean spreadsheets are saved
  expect(textIn(bytes(0xff, 0xfe, 0x41, 0x00))).toBe("A");
  expect(textIn(bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a))).toBeNull();
  expect(textIn(bytes(0x50, 0x4b, 0x03, 0x04))).toBeNull();
  expect(textIn(bytes(0xff, 0xff, 0xff))).toBeNull();
});

it("drawings of lines are not drawn", () => {
  expect(isDrawn(blob("image/png"))).toBe(true);
  expect(isDrawn(blob("image/svg+xml"))).toBe(false);
  expect(isDrawn(blob("text/html"))).toBe(false);
  expect(isDrawn(blob(""))).toBe(false);
});

it("sizes are said as people say them", () => {
  expect(sizeOf(12, "en")).toBe("12 bytes");
  expect(sizeOf(1_540, "en")).toBe("1.5 kB");
  expect(sizeOf(64_000_000, "en")).toBe("64 MB");
});
