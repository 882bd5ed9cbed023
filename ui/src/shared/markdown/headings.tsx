/** Headings of a message stand below the page's own, which say whose message it is (level 2). */
import { createContext, use } from "react";
import type { Components } from "react-markdown";

/** The level of a message's uppermost heading, for whoever hears it instead of seeing it. */
const TOP_LEVEL = 3;
const LOWEST_LEVEL = 6;
const MARK = /^ {0,3}(#{1,6})[ \t]/gm;
const FENCE = /^ {0,3}(?:```|~~~)/;

/** The uppermost level that the message itself uses. */
export const TopHeading = createContext(1);

export function topHeadingOf(blocks: readonly string[]): number {
  const marks = blocks
    .filter((block) => !FENCE.test(block))
    .flatMap((block) => [...block.matchAll(MARK)].map((mark) => mark[1]?.length ?? 1));
  return Math.min(...marks, LOWEST_LEVEL);
}

function heading(tag: "h1" | "h2" | "h3" | "h4" | "h5" | "h6"): NonNullable<Components["h1"]> {
  const Tag = tag;
  return function Heading({ children, id }) {
    const level = Number(tag.slice(1)) - use(TopHeading) + TOP_LEVEL;
    return (
      <Tag id={id} aria-level={Math.min(LOWEST_LEVEL, Math.max(TOP_LEVEL, level))}>
        {children}
      </Tag>
    );
  };
}

export const HEADINGS: Components = {
  h1: heading("h1"),
  h2: heading("h2"),
  h3: heading("h3"),
  h4: heading("h4"),
  h5: heading("h5"),
  h6: heading("h6"),
};
