/** The session of this tab: the browser's socket, clock and storage handed to the core. */
import { navigate } from "wouter/use-browser-location";

import { httpApi } from "@/core/api";
import { Session } from "@/core/session";
import { keepContent } from "@/shared/files/contents";
import { dropLeftovers, droppingLeftovers, watchKey } from "@/shared/leftovers";
import { addressOf, PLAYGROUND, wentByLink } from "@/shared/navigation";
import { perBrowser, perTab, recall, remember } from "@/shared/storage";

import { keepingCopies, treeOf } from "./copies";

import { browserSendFile, browserUpload } from "./upload";

const MODEL_KEY = "maru.model";
const DELETED_KEY = "maru.deleted";
const DOOMED_KEY = "maru.doomed";
const FOLDERS_KEY = "maru.folders";
const SECRET_KEY = "maru.key";
const ATTACHED_KEY = "maru.attached";
const DRAFT_KEY = "maru.draft.";
const WAITING_KEY = "maru.waiting";
const COMPARISONS_KEY = "maru.comparisons";

function key(): string | null {
  return recall(perBrowser, SECRET_KEY);
}

/** A browser cannot set headers on a socket; the server reads the key from here and answers `maru`. */
function subprotocols(): string[] {
  const secret = key();
  return secret === null ? [] : ["maru", `openai-insecure-api-key.${secret}`];
}

export function browserSession(): Session {
  watchKey(SECRET_KEY);
  const send = browserSendFile(key);
  return new Session({
    api: httpApi(
      droppingLeftovers(keepingCopies((input, init) => fetch(input, init), globalThis.caches)),
      key,
    ),
    upload: browserUpload(key),
    sendFile: async (file, hears, signal) => {
      const kept = await send(file, hears, signal);
      keepContent(kept.id, Promise.resolve(file.content));
      return kept;
    },
    // Fetched when the first file comes.
    prepareFile: async (file) => (await import("@/shared/files/prepare")).prepare(file),
    copyOf: (id) => treeOf(globalThis.caches, id),
    openSocket: () => new WebSocket(socketAddress(), subprotocols()),
    now: () => performance.now(),
    newId,
    goTo: (conversation, item) => {
      wentByLink();
      navigate(conversation === null ? "/" : addressOf(conversation, item));
    },
    isElsewhere: () => location.pathname === PLAYGROUND,
    remembered: {
      model: () => recall(perBrowser, MODEL_KEY),
      rememberModel: (id) => remember(perBrowser, MODEL_KEY, id),
      key,
      rememberKey: (secret) => {
        if (secret !== key()) dropLeftovers();
        remember(perBrowser, SECRET_KEY, secret);
      },
      openFolders: () => recall(perBrowser, FOLDERS_KEY),
      rememberOpenFolders: (text) => remember(perBrowser, FOLDERS_KEY, text),
      doomed: () => recall(perBrowser, DOOMED_KEY),
      rememberDoomed: (text) => remember(perBrowser, DOOMED_KEY, text),
      comparisons: () => recall(perTab, COMPARISONS_KEY),
      rememberComparisons: (text) => remember(perTab, COMPARISONS_KEY, text),
      deleted: () => recall(perTab, DELETED_KEY),
      rememberDeleted: (text) => remember(perTab, DELETED_KEY, text),
      draft: (place) => recall(perTab, DRAFT_KEY + place),
      rememberDraft: (place, text) => remember(perTab, DRAFT_KEY + place, text),
      waiting: () => recall(perTab, WAITING_KEY),
      attached: () => recall(perTab, ATTACHED_KEY),
      rememberAttached: (text) => remember(perTab, ATTACHED_KEY, text),
      rememberWaiting: (text) => remember(perTab, WAITING_KEY, text),
    },
  });
}

function socketAddress(): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/v1/responses`;
}

/** `crypto.randomUUID` exists only in secure contexts, and a home server may be on plain http. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
