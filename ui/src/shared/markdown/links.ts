/** Which addresses a message may point to. The words come from a model that may have read a hostile page. */

const LINKS = new Set(["http:", "https:", "mailto:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);/i;

/** The address, or null when following it could do harm. */
export function safeLink(href: string | undefined): string | null {
  if (href === undefined || href === "") return null;
  if (href.startsWith("#")) return href;
  try {
    // Relative addresses of a model mean nothing here; without a base they throw.
    return LINKS.has(new URL(href).protocol) ? href : null;
  } catch {
    return null;
  }
}

/**
 * Images are shown only when showing them asks nobody: a remote one would tell its host that, and what, was read.
 */
export function isOwnImage(src: string | undefined): boolean {
  return src !== undefined && (INLINE_IMAGE.test(src) || isOfThisServer(src));
}

/** Named in full: what a model writes without a host means some other page, and would ask this server for nonsense. */
function isOfThisServer(src: string): boolean {
  return src.startsWith(`${location.origin}/`);
}

export function hostOf(href: string): string {
  try {
    return new URL(href).host;
  } catch {
    return href;
  }
}
