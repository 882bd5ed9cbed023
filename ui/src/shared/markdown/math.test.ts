import { expect, it } from "vitest";

import { displayMathIn, hasMath } from "./math";

it.each([
  ["it is $x$.", "it is $$x$$."],
  ["값 $x$는 $y^2$보다 커요", "값 $$x$$는 $$y^2$$보다 커요"],
  ["($a + b$)", "($$a + b$$)"],
  ["$\\text{a long word}$", "$$\\text{a long word}$$"],
  ["so \\(x\\) and \\( y \\)", "so $$x$$ and $$y$$"],
  ["it takes $5$ steps, $n$ each", "it takes $$5$$ steps, $$n$$ each"],
])("%s is maths within a line", (text, drawn) => {
  expect(displayMathIn(text)).toBe(drawn);
});

it.each([
  ["$$e = mc^2$$", "$$\ne = mc^2\n$$"],
  ["- so\n\n  $$x$$\n\n- next", "- so\n\n  $$\n  x\n  $$\n\n- next"],
  ["> \\[x\\]", "> $$\n> x\n> $$"],
  ["so \\[x\\] is", "so \n$$\nx\n$$\n is"],
  ["$$\na\n$$", "$$\na\n$$"],
])("%s is maths on lines of its own", (text, drawn) => {
  expect(displayMathIn(text)).toBe(drawn);
});

it.each([
  "it costs $5 or $10",
  "from $5-$10, or $5 to $10",
  "a bill of $5 and one of 10$.",
  "$5, then 6$ more",
  "US$5 and CA$6",
  "| $5 | $10 |",
  "|$5|$10|",
  "echo $PATH:$HOME/bin",
  "price \\$5 and \\$6",
  "5달러($5)와 10달러($10)",
  "$5를 내고 10$를 받다",
  "`$x$` and ``` $y$ ```",
  "```sh\nA=$B$\n```",
  "see https://example.org/?a=$b$&c and [it](/a?$b$)",
  "two $ signs $ apart",
  "from $5-$",
])("%s is no maths", (text) => {
  expect(displayMathIn(text)).toBe(text);
  expect(hasMath(text)).toBe(false);
});
