/** Small build steps of ours: compressed copies beside the assets, the name of the page, KaTeX fonts in one format. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import type { Plugin } from "vite";

const COMPRESSIBLE = new Set([".html", ".js", ".css", ".svg", ".json", ".webmanifest", ".md"]);
/** Below this many bytes a compressed copy saves nothing. */
const WORTH_COMPRESSING = 1024;

/** Writes `x.gz` and `x.br` beside every text asset, so that the server only has to choose one. */
export function compressedCopies(): Plugin {
  let folder = "";
  return {
    name: "maru:compressed-copies",
    apply: "build",
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle() {
      for (const file of filesBelow(folder)) {
        if (!COMPRESSIBLE.has(extname(file))) continue;
        const bytes = readFileSync(file);
        if (bytes.length < WORTH_COMPRESSING) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 10 };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
      }
    },
  };
}

/** Writes `version.json`, by which a page that is open learns that the server has another. */
export function entryName(): Plugin {
  return {
    name: "maru:entry-name",
    apply: "build",
    generateBundle(_, bundle) {
      const entry = Object.values(bundle).find((part) => part.type === "chunk" && part.isEntry);
      if (entry === undefined) throw new Error("the bundle has no entry");
      this.emitFile({
        type: "asset",
        fileName: "version.json",
        source: JSON.stringify({ entry: entry.fileName }),
      });
    },
  };
}

/** Every browser that runs this page reads woff2; the ttf and woff copies would add 0.9 MB to the wheel. */
export function woff2Only(): Plugin {
  return {
    name: "maru:woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("katex") || !id.split("?")[0]?.endsWith(".css")) return null;
      return code.replaceAll(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\([^)]+\)/g, "");
    },
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
