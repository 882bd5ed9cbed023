/**
 * Copies of the list, of its folders and of the chats that were opened last, in the browser, for reading without a network.
 *
 * A copy is shown only when the server cannot be reached. It goes when something of the conversation is deleted here or
 * the conversation is found to be gone, and all of them go when the server does not know this browser's key any more.
 */
import { InOrder } from "@/core/in-order";
import type { WireTree } from "@/core/wire";

const COPIES = "maru-copies";
/** Conversations and pages of the list together. */
const MOST_COPIES = 60;
const KEPT_AFTER_MS = 500;
const CHATS = "/v1/conversations";
const LIST = /^\/v1\/(?:conversations(?:\?.*)?|folders)$/;
const TREE = /^\/v1\/conversations\/[^/?]+\/tree$/;
const PART = /^\/v1\/conversations\/([^/?]+)(\/.*)?$/;

/** @param storage absent where the page is not served over https or from this machine. */
export function keepingCopies(fetcher: typeof fetch, storage: CacheStorage | undefined): typeof fetch {
  if (storage === undefined) return fetcher;
  let deletions = 0;
  let requests = 0;
  /** By path, the newest request whose answer was kept. */
  const kept = new Map<string, number>();
  const inOrder = new InOrder();
  const now = (what: () => Promise<unknown>): void => void inOrder.run(COPIES, what).catch(() => undefined);
  return async (input, init) => {
    const before = deletions;
    const number = (requests += 1);
    const [path, method] = [String(input), init?.method ?? "GET"];
    let answer: Response;
    try {
      answer = await fetcher(input, init);
    } catch (error) {
      const copy = method === "GET" && LIST.test(path) ? await copyOf(storage, path) : undefined;
      if (copy === undefined) throw error;
      return copy;
    }
    // A full disk or a private window must not keep anybody from an answer.
    const { status, ok } = answer;
    if (status === 401) {
      deletions += 1;
      now(() => storage.delete(COPIES));
    } else if (method === "DELETE" && ok) {
      deletions += 1;
      now(() => forget(storage, path));
    } else if (method === "GET" && (LIST.test(path) || TREE.test(path)) && (ok || status === 404)) {
      void (ok ? whole(answer.clone()) : Promise.resolve(null)).then(
        (copy) =>
          now(async () => {
            // What was asked for before a deletion, or with a key that is refused by now, may hold what is to be gone.
            const isLate = copy !== null && deletions > before;
            if (isLate || number < (kept.get(path) ?? 0)) return;
            kept.set(path, number);
            await keep(storage, path, copy);
          }),
        () => undefined,
      );
    }
    return answer;
  };
}

/** The copy of a conversation; null where there is none. What is newer may stand on the server. */
export async function treeOf(storage: CacheStorage | undefined, id: string): Promise<WireTree | null> {
  const copy = storage && (await copyOf(storage, `${CHATS}/${encodeURIComponent(id)}/tree`));
  return copy === undefined ? null : ((await copy.json()) as WireTree);
}

async function copyOf(storage: CacheStorage, path: string): Promise<Response | undefined> {
  try {
    return await (await storage.open(COPIES)).match(path);
  } catch {
    return undefined;
  }
}

/**
 * The answer with all of its body: one that comes to an end too early, as the network was lost or the page left, must
 * not take the place of the copy that is there.
 */
async function whole(answer: Response): Promise<Response> {
  await shown();
  return new Response(await answer.text(), { headers: answer.headers });
}

/** What was fetched is shown first: a long chat is megabytes, and whoever opened it waits for its messages. */
async function shown(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, KEPT_AFTER_MS));
}

/** @param copy null: there is no such thing any more. */
async function keep(storage: CacheStorage, path: string, copy: Response | null): Promise<void> {
  const copies = await storage.open(COPIES);
  if (copy === null) {
    await copies.delete(path);
    return;
  }
  await copies.put(path, copy);
  // In the order in which they were put.
  const kept = await copies.keys();
  const tooMany = kept.slice(0, Math.max(0, kept.length - MOST_COPIES));
  await Promise.all(tooMany.map((oldest) => copies.delete(oldest)));
}

/** Something of a conversation was deleted, or all of it, which every page of the list may name. */
async function forget(storage: CacheStorage, path: string): Promise<void> {
  const [, id, part] = PART.exec(path) ?? [];
  if (id === undefined) return;
  const copies = await storage.open(COPIES);
  await copies.delete(`${CHATS}/${id}/tree`);
  if (part !== undefined) return;
  const lists = (await copies.keys()).filter(({ url }) => new URL(url).pathname === CHATS);
  await Promise.all(lists.map((list) => copies.delete(list)));
}
