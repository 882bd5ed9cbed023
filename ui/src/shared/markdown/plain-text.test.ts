import { expect, it } from "vitest";

import { fileNameOf } from "./file-names";
import { plainText } from "./plain-text";
import { csvOf } from "./table-text";

it.each([
  ["# A **bold** title\n\ntwo  \nlines", "A bold title\n\ntwo\nlines"],
  ["- one\n- two\n  - three\n\n3. drei\n4. vier", "- one\n- two\n  - three\n\n3. drei\n4. vier"],
  ["- [x] done\n- [ ] open", "- [x] done\n- [ ] open"],
  ["`code` and\n\n```py\nx = 1\n\ny = 2\n```", "code and\n\nx = 1\n\ny = 2"],
  ["> said\n> so", "said\nso"],
  ["| a | b |\n| - | - |\n| **1** | 2 |", "a\tb\n1\t2"],
  [
    "see [the page](https://example.org) and https://example.org/x",
    "see the page (https://example.org) and https://example.org/x",
  ],
  ["5 < 6 & 7 > 2, a \\* b", "5 < 6 & 7 > 2, a * b"],
])("%j reads %j without markup", (markdown, text) => {
  expect(plainText(markdown)).toBe(text);
});

it("a cell with commas, quotes or lines is quoted", () => {
  expect(csvOf([["a,b", 'say "hi"', "one\ntwo", "plain"]])).toBe('"a,b","say ""hi""","one\ntwo",plain');
});

it("what looks like a formula becomes text, and numbers stay numbers", () => {
  expect(csvOf([["=1+1", "@SUM(A1)", "-cmd", "-5", "+3.5 %"]])).toBe("'=1+1,'@SUM(A1),'-cmd,-5,+3.5 %");
});

it.each([
  ["python", "code.py"],
  ["TypeScript", "code.ts"],
  ["go", "code.go"],
  ["../../x", "code.txt"],
  ["constructor", "code.txt"],
  [null, "code.txt"],
])("code in %s is saved as %s", (language, name) => {
  expect(fileNameOf(language)).toBe(name);
});
