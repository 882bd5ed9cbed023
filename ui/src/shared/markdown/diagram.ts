/**
 * Drawings from mermaid's language, loaded with the first finished block of it.
 *
 * The words come from a model that may have read a hostile page, and mermaid by itself asks other hosts even in its
 * strict mode: through HTML in labels, through `themeCSS`, and through image shapes. So labels are text, a drawing may
 * change no setting that matters, image shapes are refused before mermaid sees them, and what it makes is shown as an
 * image, in which no script runs and from which nothing is asked.
 */
import type { MermaidConfig } from "mermaid";

/** The address of an image, and its size in px. */
export interface Diagram {
  readonly source: string;
  readonly width: number;
  readonly height: number;
}

/** Characters of a drawing; longer ones are shown as code. */
const MOST_CHARS = 20_000;
const MOST_EDGES = 300;
/** What asks for something from elsewhere: image shapes, and addresses in styles. */
const ASKS =
  /\b(?:img|image)["']?\s*:|url\s*\(|@import|<\s*(?:img|image|iframe|script|link|object|embed|style)\b/i;

/** Whether a drawing may be tried at all. */
export function isDrawable(code: string): boolean {
  return code.trim() !== "" && code.length <= MOST_CHARS && !ASKS.test(code);
}

/** Drawings are made one after the other: mermaid keeps its state in one place. */
let last: Promise<unknown> = Promise.resolve();
let made = 0;

/** Null when the words are no drawing. */
export async function draw(code: string): Promise<Diagram | null> {
  if (!isDrawable(code)) return null;
  const drawing = last.then(() => drawNow(code));
  last = drawing.catch(() => undefined);
  try {
    return await drawing;
  } catch {
    return null;
  }
}

async function drawNow(code: string): Promise<Diagram> {
  const { default: mermaid } = await import("mermaid");
  mermaid.initialize(config());
  const { svg } = await mermaid.render(`diagram-${(made += 1)}`, code);
  return imageOf(svg);
}

/** Its size stands in the box that is seen; without one on the outside an image would be as wide as there is room. */
function imageOf(svg: string): Diagram {
  const drawing = new DOMParser().parseFromString(svg, "image/svg+xml");
  const root = drawing.documentElement;
  const [, , width = 0, height = 0] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
  if (!(width > 0 && height > 0)) throw new Error("a drawing without a size");
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  const text = new XMLSerializer().serializeToString(drawing);
  return { source: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`, width, height };
}

/** Of the theme that is on. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function config(): MermaidConfig {
  return {
    startOnLoad: false,
    securityLevel: "strict",
    htmlLabels: false,
    // The other layout, elk, is not shipped.
    layout: "dagre",
    suppressErrorRendering: true,
    maxTextSize: MOST_CHARS,
    maxEdges: MOST_EDGES,
    secure: [
      "secure",
      "securityLevel",
      "startOnLoad",
      "maxTextSize",
      "maxEdges",
      "suppressErrorRendering",
      "htmlLabels",
      "flowchart",
      "class",
      "state",
      "themeCSS",
      "themeVariables",
      "fontFamily",
      "altFontFamily",
      "dompurifyConfig",
      "layout",
      "elk",
    ],
    flowchart: { htmlLabels: false },
    theme: "base",
    fontFamily: "system-ui, sans-serif",
    themeVariables: {
      darkMode: document.documentElement.classList.contains("dark"),
      background: colour("--code"),
      primaryColor: colour("--wood-soft"),
      primaryTextColor: colour("--ink"),
      primaryBorderColor: colour("--wood"),
      secondaryColor: colour("--floor"),
      tertiaryColor: colour("--card"),
      lineColor: colour("--ink-soft"),
      textColor: colour("--ink"),
    },
  };
}
