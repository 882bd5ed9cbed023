/*
 * Lets the page open without a network: keeps its files, and the page itself. It never touches /v1; what was said is
 * kept by the page (src/app/copies.ts), which knows what was deleted.
 */
const FILES = "maru-files";
/** A server that says nothing for so long, in ms, is taken for one that cannot be reached. */
const PATIENCE_MS = 3_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/** The first visit loads its files before there is anybody to keep them, so the page names them afterwards. */
self.addEventListener("message", (event) => {
  const { keep } = event.data ?? {};
  if (!Array.isArray(keep)) return;
  event.waitUntil(keepAll(keep.filter((url) => typeof url === "string")).catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === "/" || pathname.startsWith("/c/")) event.respondWith(page(event));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(asset(event));
  } else if (pathname === "/theme.js") {
    event.respondWith(fetch(request).catch(() => kept(request.url, Response.error())));
  }
});

/** What is kept under an address; a full disk, or a browser that forbids it, is as good as nothing. */
async function kept(url, otherwise) {
  try {
    return (await (await caches.open(FILES)).match(url)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

async function page(event) {
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => answer.ok && keepPage(answer.clone())).catch(() => undefined));
  const before = await kept("/");
  if (before === undefined) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const answer = await Promise.race([asked.catch(() => undefined), late]);
  return answer === undefined || (answer.status >= 502 && answer.status <= 504) ? before : answer;
}

/** Another page needs other files: those of the one before go with it. */
async function keepPage(answer) {
  const files = await caches.open(FILES);
  const text = await answer.clone().text();
  const before = await files.match("/");
  if (before !== undefined && (await before.text()) !== text) {
    await Promise.all((await files.keys()).map((one) => files.delete(one)));
  }
  await files.put("/", answer);
}

/** Names of assets hold a hash of their content, so a kept one is never old. */
async function asset(event) {
  const { url } = event.request;
  const before = await kept(url);
  if (before !== undefined) return before;
  const answer = await fetch(event.request);
  const keep = async (copy) => (await caches.open(FILES)).put(url, copy);
  if (answer.ok) event.waitUntil(keep(answer.clone()).catch(() => undefined));
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
