import { ArchiveRestore, Trash2 } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { Link } from "wouter";

import type { Conversation, Loading } from "@/core/state";
import { closeDialog } from "@/shared/dialogs";
import { useSpeech } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";
import { Window } from "@/shared/ui/Window";

import { Undo } from "./UndoToast";

/** What was put away: to be opened, brought back or deleted. */
export default function ArchiveDialog() {
  const { t } = useSpeech();
  const { state, archived, hasMore, more } = useArchive();
  return (
    <Window title={t("archive.title")} lead={t("archive.lead")}>
      <Undo className="mb-2" />
      {state === "failed" && (
        <p role="alert" className="py-2 text-sm text-danger">
          {t("archive.failed")}
        </p>
      )}
      {state === "ready" && archived.length === 0 && (
        <p className="py-2 text-sm text-ink-soft">{t("archive.empty")}</p>
      )}
      <ul className="-mx-2">
        {archived.map((one) => (
          <Row key={one.id} conversation={one} />
        ))}
      </ul>
      {hasMore && <TextButton onClick={more}>{t("list.more")}</TextButton>}
    </Window>
  );
}

function Row({ conversation }: { conversation: Conversation }) {
  const { t, locale } = useSpeech();
  const session = useSession();
  const { id } = conversation;
  const title = conversation.title || t("list.untitled");
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(conversation.updatedAt * 1000);
  return (
    <li className="flex items-center gap-1 rounded-lg pr-1 hover:bg-hover">
      <Link
        href={`/c/${id}`}
        onClick={closeDialog}
        className="flex min-h-10 min-w-0 flex-1 items-center gap-3 rounded-lg px-2 text-sm -outline-offset-2"
      >
        <span className="min-w-0 flex-1 truncate">{title}</span>
        <span className="shrink-0 text-xs text-ink-soft">{day}</span>
      </Link>
      <IconButton
        label={t("archive.backOf", { title })}
        size="small"
        onClick={() => void session.list.bringBack(id)}
      >
        <ArchiveRestore />
      </IconButton>
      <IconButton
        label={t("archive.deleteOf", { title })}
        size="small"
        onClick={() => session.list.remove(id)}
      >
        <Trash2 />
      </IconButton>
    </li>
  );
}

interface Archive {
  readonly state: Loading;
  readonly archived: readonly Conversation[];
  readonly hasMore: boolean;
  readonly more: () => void;
}

/** The pages that were fetched, without what was brought back or deleted since. Synchronises with the server. */
function useArchive(): Archive {
  const session = useSession();
  const others = useChat((state) => state.others);
  const [pages, setPages] = useState<{ state: Loading; ids: readonly string[]; hasMore: boolean }>({
    state: "loading",
    ids: [],
    hasMore: false,
  });
  const fetchAfter = useCallback(
    (last: string | null) => {
      session.list.archived(last).then(
        (page) =>
          setPages((before) => ({
            state: "ready",
            ids: [...new Set([...(last === null ? [] : before.ids), ...page.ids])],
            hasMore: page.hasMore,
          })),
        () => setPages((before) => ({ ...before, state: "failed" })),
      );
    },
    [session],
  );
  useEffect(() => fetchAfter(null), [fetchAfter]);
  const archived = pages.ids.flatMap((id) => (others[id]?.isArchived ? [others[id]] : []));
  return { ...pages, archived, more: () => fetchAfter(pages.ids.at(-1) ?? null) };
}
