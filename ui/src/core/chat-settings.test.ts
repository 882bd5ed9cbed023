import { expect, it } from "vitest";

import { createKeys, hasSettings, metadataWith, MOST_CHARS, NO_SETTINGS, settingsOf } from "./chat-settings";

it.each([
  { instructions: "Be short.", temperature: 0, maxTokens: 16, isCustomOff: true },
  { instructions: "마루".repeat(700), temperature: 1.5, maxTokens: null, isCustomOff: false },
  NO_SETTINGS,
])("what is kept comes back: %#", (settings) => {
  const metadata = metadataWith({}, settings);
  expect(settingsOf(metadata)).toEqual(settings);
  expect(Object.values(metadata).every((value) => value.length <= 512)).toBe(true);
});

it("what others keep stays, and what was set before goes", () => {
  const before = metadataWith(
    { mine: "x" },
    { instructions: "a".repeat(1_500), temperature: 1, maxTokens: 20, isCustomOff: true },
  );
  expect(metadataWith(before, { ...NO_SETTINGS, instructions: "short" })).toEqual({
    mine: "x",
    maru_instructions_0: "short",
  });
});

it("instructions end where there is no room for more", () => {
  const settings = { ...NO_SETTINGS, instructions: "a".repeat(MOST_CHARS + 1) };
  expect(settingsOf(metadataWith({}, settings)).instructions).toHaveLength(MOST_CHARS);
});

it("no value ends in the middle of a character", () => {
  for (const instructions of [
    "😀".repeat(MOST_CHARS / 2),
    `a${"😀".repeat(MOST_CHARS / 2 - 1)}b`,
    `${"a".repeat(511)}😀b`,
  ]) {
    const metadata = metadataWith({}, { ...NO_SETTINGS, instructions });
    expect(
      Object.values(metadata).filter((value) => /^[\udc00-\udfff]|[\ud800-\udbff]$/.test(value)),
    ).toEqual([]);
    expect(Math.max(...Object.values(metadata).map((value) => value.length))).toBeLessThanOrEqual(512);
    expect(settingsOf(metadata).instructions).toBe(instructions);
  }
  const cut = settingsOf(
    metadataWith({}, { ...NO_SETTINGS, instructions: `a${"😀".repeat(MOST_CHARS)}` }),
  ).instructions;
  expect(cut).toBe(`a${"😀".repeat(MOST_CHARS / 2 - 1)}`);
});

it("what is no number, or out of bounds, is as if it were not set", () => {
  expect(settingsOf({ maru_temperature: "hot", maru_max_tokens: "3" })).toEqual(NO_SETTINGS);
  expect(settingsOf({ maru_temperature: "7" }).temperature).toBeNull();
});

it("only what is set is sent", () => {
  expect(createKeys(NO_SETTINGS)).toEqual({ "maru:custom_instructions": true });
  expect(hasSettings(NO_SETTINGS)).toBe(false);
  expect(createKeys({ instructions: "Be short.", temperature: 0, maxTokens: 30, isCustomOff: true })).toEqual(
    {
      instructions: "Be short.",
      temperature: 0,
      max_output_tokens: 30,
    },
  );
});
