/** The page as something that is installed: it opens without a network, and notices when the server has a newer one. */
import { noticeNewVersion } from "@/shared/version";

const LOOK_EVERY_MS = 30 * 60_000;

/** Only of a built page: while developing, kept files would be old ones. */
export function install(): void {
  if (!import.meta.env.PROD) return;
  void keepFiles().catch(() => undefined); // a browser that forbids it shows the page all the same
  setInterval(() => void look(), LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
  addEventListener("online", () => void look());
}

async function look(): Promise<void> {
  if (document.visibilityState === "visible" && (await isOutdated())) noticeNewVersion();
}

async function keepFiles(): Promise<void> {
  // Absent on plain http from another machine.
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map((entry) => entry.name);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  active?.postMessage({ keep: files.filter((url) => !new URL(url).pathname.startsWith("/v1/")) });
}

/** The server names its page in a file of its own, because asking for the page itself means a reload to it. */
async function isOutdated(): Promise<boolean> {
  try {
    const answer = await fetch("/version.json", { cache: "no-store" });
    const { entry } = (await answer.json()) as { entry?: unknown };
    return typeof entry === "string" && !import.meta.url.endsWith(`/${entry}`);
  } catch {
    return false;
  }
}
