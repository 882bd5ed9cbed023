/*
 * Lets the page open without a network: keeps its files, and the page itself. It never touches /v1; what was said is
 * kept by the page (src/app/copies.ts), which knows what was deleted.
 */
const FILES = "maru-files";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** The first visit loads its files before there is anybody to keep them, so the page names them afterwards. */
self.addEventListener("message", (event) => {
  const { keep } = event.data ?? {};
  if (Array.isArray(keep)) event.waitUntil(keepAll(keep.filter((url) => typeof url === "string")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === "/" || pathname.startsWith("/c/")) event.respondWith(page(request));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(file(request));
  }
});

async function page(request) {
  const files = await caches.open(FILES);
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const kept = await files.match("/");
    if (kept === undefined) throw error;
    return kept;
  }
  if (answer.ok) await keepPage(files, answer.clone());
  return answer;
}

/** Another page needs other files: those of the one before go with it. */
async function keepPage(files, answer) {
  const text = await answer.clone().text();
  const before = await files.match("/");
  if (before !== undefined && (await before.text()) !== text) {
    await Promise.all((await files.keys()).map((kept) => files.delete(kept)));
  }
  await files.put("/", answer);
}

/** Names of assets hold a hash of their content, so a kept one is never old. */
async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request.url);
  if (kept !== undefined) return kept;
  const answer = await fetch(request);
  if (answer.ok) await files.put(request.url, answer.clone());
  return answer;
}

async function keepAll(urls) {
  const files = await caches.open(FILES);
  const keepOne = async (url) => {
    if (new URL(url).origin !== self.location.origin || (await files.match(url)) !== undefined) return;
    const answer = await fetch(url);
    if (answer.ok) await files.put(url, answer);
  };
  await Promise.all(urls.map(keepOne));
}
