/** A table as a spreadsheet takes it. */
import type { Element, ElementContent } from "hast";

/** Rows of cells, the heading first. */
export function cellsOf(table: Element): string[][] {
  const rows: Element[] = [];
  collect(table, rows);
  return rows.map((row) =>
    row.children.filter((child) => child.type === "element").map((cell) => textIn(cell).trim()),
  );
}

export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(csvCell).join(",")).join("\r\n");
}

/** A spreadsheet runs what looks like a formula, and the words come from a model: an apostrophe makes it text. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?[\d.,\s]+%?$/;

function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function collect(element: Element, rows: Element[]): void {
  for (const child of element.children) {
    if (child.type !== "element") continue;
    if (child.tagName === "tr") rows.push(child);
    else collect(child, rows);
  }
}

function textIn(node: ElementContent): string {
  if (node.type === "text") return node.value;
  if (node.type !== "element") return "";
  // KaTeX says everything twice: for eyes, and as MathML.
  if (node.properties["ariaHidden"] === "true") return "";
  return node.children.map(textIn).join("");
}
