import { fileURLToPath } from "node:url";

import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

import { compressedCopies, entryName, woff2Only } from "./vite-plugins.ts";

/** The server that `npm run dev` talks to. */
const SERVER = process.env["MARU_URL"] ?? "http://127.0.0.1:8000";

const NO_ELK = fileURLToPath(new URL("src/shared/markdown/no-elk.ts", import.meta.url));

export default defineConfig({
  plugins: [react(), tailwindcss(), woff2Only(), entryName(), compressedCopies()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("src", import.meta.url)),
      // 1.5 MB under the EPL for one rare layout of diagrams.
      "elkjs/lib/elk.bundled.js": NO_ELK,
      elkjs: NO_ELK,
    },
  },
  build: {
    outDir: fileURLToPath(new URL("../server/maru/static", import.meta.url)),
    emptyOutDir: true,
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 700,
  },
  server: {
    // The server checks that Origin is its own address; the proxy speaks as if the page came from there.
    proxy: {
      "/v1": { target: SERVER, ws: true, changeOrigin: true, headers: { origin: SERVER } },
    },
  },
});
