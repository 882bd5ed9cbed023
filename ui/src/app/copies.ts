/**
 * Copies of the list, of its folders and of the chats that were opened last, in the browser, for reading without a network.
 *
 * A copy is shown only when the server cannot be reached. It goes when the conversation is deleted here or found to be
 * gone, and all of them go when the server does not know this browser's key any more.
 */
const COPIES = "maru-copies";
/** Conversations and pages of the list together. */
const MOST_COPIES = 60;
const READABLE = /^\/v1\/(?:conversations(?:\?.*|\/[^/?]+\/tree)|folders)$/;
const ONE = /^\/v1\/conversations\/([^/?]+)$/;

/** @param storage absent where the page is not served over https or from this machine. */
export function keepingCopies(fetcher: typeof fetch, storage: CacheStorage | undefined): typeof fetch {
  if (storage === undefined) return fetcher;
  return async (input, init) => {
    const [path, method] = [String(input), init?.method ?? "GET"];
    const isReadable = method === "GET" && READABLE.test(path);
    let answer: Response;
    try {
      answer = await fetcher(input, init);
    } catch (error) {
      const copy = isReadable ? await (await storage.open(COPIES)).match(path) : undefined;
      if (copy === undefined) throw error;
      return copy;
    }
    // A full disk or a private window must not keep anybody from an answer.
    void took(storage, { path, method, isReadable }, answer.clone()).catch(() => undefined);
    return answer;
  };
}

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly isReadable: boolean;
}

async function took(
  storage: CacheStorage,
  { path, method, isReadable }: Asked,
  answer: Response,
): Promise<void> {
  if (answer.status === 401) {
    await storage.delete(COPIES);
    return;
  }
  const copies = await storage.open(COPIES);
  const deleted = method === "DELETE" && answer.ok ? ONE.exec(path)?.[1] : undefined;
  if (deleted !== undefined) await copies.delete(`/v1/conversations/${deleted}/tree`);
  if (!isReadable) return;
  await copies.delete(path);
  if (answer.status === 404 || !answer.ok) return;
  await copies.put(path, answer);
  // In the order in which they were put.
  const kept = await copies.keys();
  const tooMany = kept.slice(0, Math.max(0, kept.length - MOST_COPIES));
  await Promise.all(tooMany.map((oldest) => copies.delete(oldest)));
}
