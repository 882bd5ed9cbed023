import { RotateCcw } from "lucide-react";

import type { Draft } from "@/core/attaching";
import { sizeOf } from "@/shared/files/size";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { useChat, useSession } from "@/shared/session";
import { openDialog } from "@/shared/dialogs";
import { usePicture } from "@/shared/files/use-content";
import { BlobImage } from "@/shared/ui/BlobImage";
import { FileMark } from "@/shared/ui/FileMark";
import { RemoveCorner } from "@/shared/ui/RemoveCorner";
import { Trouble } from "@/shared/ui/Trouble";

/** What goes with the message, over its words: pictures as squares, texts by name. */
export function Attachments({ drafts }: { drafts: readonly Draft[] }) {
  const t = useT();
  const { attaching } = useSession();
  const open = useChat((state) => state.open);
  const failed = drafts.filter(({ state }) => state === "failed");
  if (drafts.length === 0) return null;
  return (
    <div className="px-3 pt-3">
      <ul
        aria-label={t("attach.list")}
        className="-mx-3 -my-2 flex gap-2.5 overflow-x-auto px-3 py-2 max-md:pr-7 max-md:[mask-image:linear-gradient(to_right,transparent,#000_0.75rem,#000_calc(100%-1rem),transparent)] md:max-h-66 md:flex-wrap md:overflow-y-auto"
      >
        {drafts.map((draft) => (
          <li key={draft.id} ref={comeIntoView} className="relative shrink-0">
            {draft.kind === "image" ? <Thumbnail draft={draft} /> : <Chip draft={draft} />}
            <RemoveCorner
              label={t("attach.remove", { name: draft.name })}
              onRemove={() => {
                attaching.remove(open, draft.id);
                focusBox();
              }}
            />
          </li>
        ))}
      </ul>
      {failed.map((draft) => (
        <div key={draft.id} className="pt-2 pl-1">
          <Trouble what={t("attach.failed", { name: draft.name })} error={draft.error} />
        </div>
      ))}
    </div>
  );
}

/** The newest stands at the end of a row that may be longer than the box. */
function comeIntoView(place: HTMLElement | null): void {
  place?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function Thumbnail({ draft }: { draft: Draft }) {
  const t = useT();
  const { blob } = usePicture(draft);
  const { name, file, content } = draft;
  return (
    <div className={boxOf(draft, "size-18")}>
      <button
        type="button"
        aria-label={t("attach.show", { name })}
        title={name}
        className="block size-full bg-floor"
        onClick={(event) => openDialog({ kind: "picture", name, file, content }, event.currentTarget)}
      >
        {blob !== null && <BlobImage blob={blob} alt="" className="size-full object-cover" />}
      </button>
      <Progress draft={draft} />
    </div>
  );
}

function Chip({ draft }: { draft: Draft }) {
  const { locale } = useSpeech();
  const { id, name, bytes, file, content } = draft;
  return (
    <div className={boxOf(draft, "h-18 w-48 md:w-52")}>
      <button
        type="button"
        title={name}
        className="flex size-full items-center gap-2.5 bg-paper px-3 text-left text-sm hover:bg-hover"
        onClick={(event) =>
          openDialog({ kind: "textFile", name, draft: id, file, content }, event.currentTarget)
        }
      >
        <FileMark />
        <span className="min-w-0 flex-1 pr-3">
          <span className="line-clamp-2 leading-snug font-medium">{name}</span>
          {bytes !== null && <span className="block text-xs text-ink-soft">{sizeOf(bytes, locale)}</span>}
        </span>
      </button>
      <Progress draft={draft} />
    </div>
  );
}

function boxOf({ state }: Draft, size: string): string {
  return `relative overflow-hidden rounded-2xl border ${state === "failed" ? "border-danger" : ""} ${size}`;
}

/** How far it is, over the picture or the name; and the way on where it did not arrive. */
function Progress({ draft }: { draft: Draft }) {
  const t = useT();
  const { attaching } = useSession();
  const { id, name, state, share } = draft;
  if (state === "ready") return null;
  if (state === "failed") {
    return (
      <button
        type="button"
        aria-label={t("attach.retry", { name })}
        title={t("attach.retry", { name })}
        className="absolute inset-0 flex items-center justify-center bg-card/75 text-danger"
        onClick={() => {
          attaching.retry(id);
          focusBox();
        }}
      >
        <RotateCcw className="size-5" aria-hidden />
      </button>
    );
  }
  return (
    <div className="pointer-events-none absolute inset-0 flex items-end bg-card/55 p-2">
      <div
        role="progressbar"
        aria-label={state === "preparing" ? t("attach.preparing", { name }) : t("attach.sending", { name })}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(state === "sending" ? { "aria-valuenow": Math.floor(share * 100) } : {})}
        className="h-1.5 w-full overflow-hidden rounded-full bg-line"
      >
        <div
          className={`h-full rounded-full bg-wood transition-[width] duration-300 ${state === "preparing" ? "animate-pulse" : ""}`}
          style={{ width: `${state === "preparing" ? 12 : Math.max(12, share * 100)}%` }}
        />
      </div>
    </div>
  );
}
