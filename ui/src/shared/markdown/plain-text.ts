/** A message without its markup, as one would paste it into a letter. */
import type { Token, Tokens } from "marked";
import { Lexer } from "marked";

export function plainText(markdown: string): string {
  return blocks(new Lexer({ gfm: true }).lex(markdown)).trim();
}

function blocks(tokens: readonly Token[]): string {
  return tokens
    .map(block)
    .filter((text) => text !== "")
    .join("\n\n");
}

function block(token: Token): string {
  switch (token.type) {
    case "space":
    case "def":
      return "";
    case "hr":
      return "———";
    case "code":
      return (token as Tokens.Code).text;
    case "list":
      return list(token as Tokens.List);
    case "table":
      return table(token as Tokens.Table);
    case "blockquote":
      return blocks((token as Tokens.Blockquote).tokens);
    default:
      return inline(token);
  }
}

function list({ ordered, start, items }: Tokens.List): string {
  return items.map((item, index) => listItem(item, ordered ? `${Number(start) + index}. ` : "- ")).join("\n");
}

function listItem(item: Tokens.ListItem, mark: string): string {
  const box = item.checked ? "[x] " : "[ ] ";
  const text = item.tokens
    .filter((token) => token.type !== "checkbox")
    .map(block)
    .filter((one) => one !== "")
    .join("\n");
  return mark + (item.task ? box : "") + text.replaceAll("\n", `\n${" ".repeat(mark.length)}`);
}

function table({ header, rows }: Tokens.Table): string {
  return [header, ...rows].map((row) => row.map((cell) => inlines(cell.tokens)).join("\t")).join("\n");
}

function inlines(tokens: readonly Token[]): string {
  return tokens.map(inline).join("");
}

function inline(token: Token): string {
  if (token.type === "br") return "\n";
  if (token.type === "link") return link(token as Tokens.Link);
  if ("tokens" in token && token.tokens !== undefined) return inlines(token.tokens);
  return "text" in token ? (token as Tokens.Text).text : token.raw;
}

/** The address is kept where the words do not say it. */
function link({ href, text, tokens }: Tokens.Link): string {
  const words = inlines(tokens);
  return href === text || href.endsWith(`:${text}`) ? words : `${words} (${href})`;
}
