import { expect, it } from "vitest";

import { fitting } from "./use-turns";

it("rows that are added at the end push none out at the beginning", () => {
  expect(fitting({ first: 100, total: 300 }, 302)).toEqual({ first: 100, total: 302 });
});

it("a chat that was loaded whole begins with its newest rows", () => {
  expect(fitting({ first: 0, total: 4 }, 2_000).first).toBe(1_992);
});

it("a shorter branch begins anew where nothing of it would be drawn", () => {
  expect(fitting({ first: 100, total: 300 }, 50)).toEqual({ first: 42, total: 50 });
  expect(fitting({ first: 10, total: 300 }, 50)).toEqual({ first: 10, total: 50 });
});
