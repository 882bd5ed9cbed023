import { render, screen } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { describe, expect, it } from "vitest";

import { Markdown } from "./Markdown";

function drawn(text: string, isGrowing = false): HTMLElement {
  return render(
    <Tooltip.Provider>
      <Markdown text={text} isGrowing={isGrowing} />
    </Tooltip.Provider>,
  ).container;
}

describe("Korean", () => {
  it.each(["**굵게(bold)**는", "**“인용”**이다", "**끝.**그리고"])("%s is bold beside Hangul", (text) => {
    expect(drawn(text).querySelector("strong")).not.toBeNull();
  });

  it("a pair of ranges is not struck through", () => {
    expect(drawn("3~5개, 7~9개").querySelector("del")).toBeNull();
  });
});

describe("hostile words", () => {
  it.each([
    "![x](https://evil.example/a.png)",
    "![x](//evil.example/a.png)",
    "![x](data:image/svg+xml,<svg/>)",
    "![x](javascript:alert(1))",
  ])("%s loads no image", (text) => {
    expect(drawn(text).querySelector("img")).toBeNull();
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "/v1/x",
  ])("%s is no link", (address) => {
    expect(drawn(`[press](<${address}>)`).querySelector("a")).toBeNull();
    expect(screen.getByText("press")).toBeTruthy();
  });

  it("raw HTML is shown as text", () => {
    const container = drawn('a <img src=x onerror="alert(1)"> b\n\n<script>alert(1)</script>');
    expect(container.querySelector("img, script")).toBeNull();
    expect(container.textContent).toContain("onerror");
  });
});

describe("a growing text", () => {
  it("shows half-open bold as bold", () => {
    expect(drawn("this is **impor", true).querySelector("strong")?.textContent).toBe("impor");
  });

  it("shows a half-written link as its words", () => {
    const container = drawn("see [the spec](https://exam", true);
    expect(container.querySelector("a")).toBeNull();
    expect(container.textContent).toContain("the spec");
  });

  it("keeps the elements of finished blocks", () => {
    const { container, rerender } = render(<Markdown text={"first\n\nsec"} isGrowing />);
    const first = container.querySelector("p");
    rerender(<Markdown text={"first\n\nsecond\n\nthird"} isGrowing />);
    expect(container.querySelector("p")).toBe(first);
  });
});

it("code has its language, its text and a button to copy it", () => {
  const container = drawn("```python\nprint('hi')\n```");
  expect(container.querySelector("pre")?.textContent).toContain("print('hi')");
  expect(screen.getByText("python")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Copy code" })).toBeTruthy();
});

it("an image of this server is drawn where it is named in full", () => {
  const container = drawn(
    `![one](/v1/x.png) ![two](${location.origin}/y.png) ![three](${location.origin}.evil.example/z.png)`,
  );
  expect(container.querySelectorAll("img")).toHaveLength(1);
});

it("a table can be copied as it was written", () => {
  const table = "| a | b |\n| - | - |\n| 1 | 2 |";
  drawn(`before\n\n${table}\n\nafter`);
  expect(screen.getByRole("button", { name: "Copy as CSV" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Copy as Markdown" })).toBeTruthy();
});

it("an own image is drawn", () => {
  expect(drawn("![dot](data:image/png;base64,AAAA)").querySelector("img")).not.toBeNull();
});
