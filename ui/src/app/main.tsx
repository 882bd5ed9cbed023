import "./index.css";

import type { ReactNode } from "react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { speakFirst } from "@/shared/i18n/i18n";
import { watchHistory } from "@/shared/navigation";
import { SessionContext } from "@/shared/session";
import { followSystemTheme } from "@/shared/theme";

import { App } from "./App";
import { browserSession } from "./browser-session";
import { refuseStrayFiles } from "./drops";
import { install } from "./installed";
import { watchForTwin } from "./twin";

const RELOADED_KEY = "maru.reloaded-for";

/** After an upgrade an open tab may ask for a chunk that is gone: load the new page, once. */
function reloadWhenOutdated(): void {
  addEventListener("vite:preloadError", () => {
    if (!navigator.onLine) return;
    const before = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
    if (Date.now() - before < 60_000) return;
    sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
    location.reload();
  });
}

/** Where a shared conversation is read: `/s/` and what opens it. */
const SHARED = /^\/s\/([^/]+)$/;

async function begin(): Promise<void> {
  reloadWhenOutdated();
  refuseStrayFiles();
  const token = SHARED.exec(location.pathname)?.[1];
  if (token === undefined) await beginSession();
  else await beginReading(token);
}

/** A reader is nobody's guest: no session, nothing kept in the browser. */
async function beginReading(token: string): Promise<void> {
  followSystemTheme();
  await speakFirst();
  const { default: SharedPage } = await import("@/features/sharing/SharedPage");
  draw(<SharedPage token={token} />);
}

async function beginSession(): Promise<void> {
  install();
  watchHistory();
  followSystemTheme();
  await speakFirst();
  const session = browserSession();
  watchForTwin(() => {
    session.queue.forget();
    session.attaching.leaveToTwin();
  });
  session.start();
  addEventListener("online", () => session.wake());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") session.wake();
  });
  addEventListener("pagehide", () => {
    session.list.settle();
    session.forgetTemporaryFiles();
    void session.trash.commit();
  });
  draw(
    <SessionContext value={session}>
      <App />
    </SessionContext>,
  );
}

function draw(page: ReactNode): void {
  const root = document.querySelector("#root");
  if (root === null) throw new Error("index.html has no #root");
  createRoot(root).render(<StrictMode>{page}</StrictMode>);
}

void begin();
