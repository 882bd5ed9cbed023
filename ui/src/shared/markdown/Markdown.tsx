import type { Element } from "hast";
import { memo, use, useMemo, useState } from "react";
import ReactMarkdown from "react-markdown";
import type { Components } from "react-markdown";
import remarkCjkFriendly from "remark-cjk-friendly";
import remarkGfm from "remark-gfm";
import remend from "remend";
import type { PluggableList } from "unified";

import { useT } from "@/shared/i18n/i18n";

import { GrowingBlocks } from "./blocks";
import { CodeBlock } from "./Code";
import { BlockSource } from "./block-source";
import { DiagramBlock } from "./DiagramBlock";
import { Image } from "./Image";
import { safeLink } from "./links";
import { HEADINGS, TopHeading, topHeadingOf } from "./headings";
import { hasMath } from "./math";
import type * as MathPlugins from "./math-plugins";
import { TableTools } from "./TableTools";
import { useLoaded } from "./use-loaded";

/** `3~5개, 7~9개` is a pair of ranges and no strike-through. */
const REMARK: PluggableList = [[remarkGfm, { singleTilde: false }], remarkCjkFriendly];
const NO_PLUGINS: PluggableList = [];

interface MarkdownProps {
  readonly text: string;
  /** The text is still growing: half-open syntax at its end is shown as if it were closed. */
  readonly isGrowing?: boolean;
}

/** A message of a model. Raw HTML shows as text; nothing in it makes the browser ask another host. */
export const Markdown = memo(function Markdown({ text, isGrowing = false }: MarkdownProps) {
  const [growing] = useState(() => new GrowingBlocks());
  const blocks = useMemo(() => growing.split(text), [growing, text]);
  const top = useMemo(() => topHeadingOf(blocks), [blocks]);
  const last = blocks.length - 1;
  return (
    <div className="prose" data-growing={isGrowing || undefined}>
      <TopHeading value={top}>
        {blocks.map((block, index) => (
          // Blocks are only ever added at the end, so their place is their name.
          // oxlint-disable-next-line react/no-array-index-key
          <Block key={index} text={block} isOpen={isGrowing && index === last} />
        ))}
      </TopHeading>
    </div>
  );
});

function closed(block: string): string {
  return remend(block, { linkMode: "text-only" });
}

const loadMath = (): Promise<typeof MathPlugins> => import("./math-plugins");

const Block = memo(function Block({ text: written, isOpen }: { text: string; isOpen: boolean }) {
  const text = isOpen ? closed(written) : written;
  const math = useLoaded(hasMath(text) ? "math" : null, loadMath);
  return (
    <BlockSource value={{ text, isOpen }}>
      <ReactMarkdown
        remarkPlugins={math === null ? REMARK : [...REMARK, ...math.remarkMathPlugins]}
        rehypePlugins={math === null ? NO_PLUGINS : math.rehypeMathPlugins}
        components={COMPONENTS}
        urlTransform={(url) => url}
      >
        {text}
      </ReactMarkdown>
    </BlockSource>
  );
});

/** Every address passes here or through `Picture`; `urlTransform` above is open because these two decide. */
const Link: Components["a"] = ({ href, children, title }) => {
  const address = safeLink(href);
  if (address === null) return <span>{children}</span>;
  if (address.startsWith("#")) return <a href={address}>{children}</a>;
  return (
    <a href={address} title={title} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
};

const Picture: Components["img"] = ({ src, alt }) => (
  <Image source={typeof src === "string" ? src : undefined} alt={alt} />
);

const Table: Components["table"] = ({ node, children }) => {
  const t = useT();
  return (
    <div className="table-block">
      {/* A group and not a region: many regions of one name say nothing. Without a tab stop no key scrolls it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role */}
      <div role="group" aria-label={t("table.label")} tabIndex={0} className="table-scroll">
        <table>{children}</table>
      </div>
      {node !== undefined && <TableTools table={node} />}
    </div>
  );
};

/** Markdown has fenced code as `pre > code.language-x`. */
const Fence: Components["pre"] = ({ node, children }) => {
  const { isOpen } = use(BlockSource);
  const code = node?.children[0];
  if (code === undefined || code.type !== "element" || code.tagName !== "code") return <pre>{children}</pre>;
  const text = textIn(code).replace(/\n$/, "");
  const language = languageOf(code);
  // A drawing of half a text would flicker from one mistake to the next.
  if (language?.toLowerCase() === "mermaid" && !isOpen) return <DiagramBlock code={text} />;
  return <CodeBlock code={text} language={language} />;
};

const COMPONENTS: Components = { a: Link, img: Picture, table: Table, pre: Fence, ...HEADINGS };

function textIn(element: Element): string {
  return element.children.map((child) => (child.type === "text" ? child.value : "")).join("");
}

function languageOf(code: Element): string | null {
  const names = code.properties["className"];
  if (!Array.isArray(names)) return null;
  const name = names.map(String).find((one) => one.startsWith("language-"));
  return name === undefined || name === "language-math" ? null : name.slice("language-".length);
}
