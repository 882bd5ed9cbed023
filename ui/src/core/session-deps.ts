/** What a session needs of the browser; a test plays it. */
import type { Api } from "./api";
import type { AttachingDeps, SendFile } from "./attaching";
import type { DraftsDeps } from "./drafts";
import type { ListingDeps } from "./listing";
import type { TrashDeps } from "./trash";
import type { Upload } from "./moving";
import type { WireTree } from "./wire";

export interface SessionDeps {
  readonly api: Api;
  readonly upload: Upload;
  readonly sendFile: SendFile;
  readonly prepareFile: AttachingDeps["prepare"];
  /** What this browser kept of a conversation, for reading while the server cannot be reached. */
  readonly copyOf?: (conversation: string) => Promise<WireTree | null>;
  readonly openSocket: () => WebSocket;
  /** Page time in ms. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Show another conversation in the address bar, and which message of it is meant; null: a new one. */
  readonly goTo: (conversation: string | null, item?: string) => void;
  /** Another page than that of the chats is on the screen, and no chat is open: none is to be led to by itself. */
  readonly isElsewhere: () => boolean;
  readonly remembered: ListingDeps["remembered"] &
    TrashDeps["remembered"] &
    DraftsDeps & {
      model(): string | null;
      rememberModel(id: string): void;
      key(): string | null;
      rememberKey(key: string): void;
      waiting(): string | null;
      rememberWaiting(text: string): void;
      comparisons(): string | null;
      rememberComparisons(text: string): void;
      attached(): string | null;
      rememberAttached(text: string): void;
    };
}
