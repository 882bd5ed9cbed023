/** What is selected and copied holds its formulas as TeX; KaTeX would put each there twice, in pieces. */

/** Attributes that mean something in another program. */
const KEPT = new Set(["href", "src", "alt", "start", "colspan", "rowspan"]);
const FRAMES = "tr, thead, tbody, table, ul, ol";

/** Listens for as long as the page is there. */
export function copyFormulasAsTex(): void {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed || event.clipboardData === null) return;
    if (isWrittenIn(event.target)) return;
    // The selection's own range would move what is seen as selected.
    const range = selection.getRangeAt(0).cloneRange();
    const first = formulaAround(range.startContainer);
    const last = formulaAround(range.endContainer);
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const copied = range.cloneContents();
    if (copied.querySelector(".katex") === null) return;
    for (const formula of copied.querySelectorAll(".katex")) formula.replaceWith(texOf(formula));
    event.clipboardData.setData("text/html", htmlOf(copied, range.commonAncestorContainer));
    event.clipboardData.setData("text/plain", linesOf(copied));
    event.preventDefault();
  });
}

function isWrittenIn(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea") !== null;
}

function formulaAround(node: Node): Element | null | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest(".katex");
}

function texOf(formula: Element): string {
  const tex = formula.querySelector("annotation")?.textContent ?? formula.textContent;
  return formula.closest(".katex-display") === null ? `$${tex}$` : `$$${tex}$$`;
}

/** Its words with their marks and tables, without what only the page shows or needs. */
function htmlOf(copied: DocumentFragment, around: Node): string {
  const words = document.createElement("div");
  words.append(copied.cloneNode(true));
  for (const control of words.querySelectorAll("button, svg")) control.remove();
  for (const element of words.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) if (!KEPT.has(name)) element.removeAttribute(name);
  }
  // Rows and points are none without their table or list.
  let html = words.innerHTML;
  for (let node: Node | null = around; node !== null; node = node.parentNode) {
    if (node instanceof Element && node.matches(FRAMES))
      html = `<${node.localName}>${html}</${node.localName}>`;
  }
  return html;
}

/** Only what is laid out knows where its lines end. */
function linesOf(copied: DocumentFragment): string {
  const place = document.createElement("div");
  place.style.cssText = "position: fixed; left: -10000px; width: 60rem";
  place.setAttribute("aria-hidden", "true");
  place.append(copied);
  document.body.append(place);
  const text = place.innerText;
  place.remove();
  return text;
}
