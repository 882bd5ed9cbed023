import { expect, it } from "vitest";

import { isDrawable } from "./diagram";

it.each(["graph TD; A-->B", "sequenceDiagram\n  A->>B: hi", 'pie title Pets\n  "Dogs" : 3'])(
  "%j may be drawn",
  (code) => {
    expect(isDrawable(code)).toBe(true);
  },
);

it.each([
  'graph TD\n  A@{ img: "https://evil.example/a.png", label: "x" }',
  'graph TD\n  A@{ "img" : "https://evil.example/a.png" }',
  "graph TD\n  A@{ shape: image, image: 'x' }",
  "%%{init: {'themeCSS': '.node{background:url(https://evil.example/c)}'}}%%\ngraph TD; A-->B",
  "graph TD\n  A[<img src=x>]",
  "graph TD\n  style A fill:url (https://evil.example)",
  "",
  `graph TD; ${"A-->B;".repeat(5_000)}`,
])("%j is shown as code", (code) => {
  expect(isDrawable(code)).toBe(false);
});
