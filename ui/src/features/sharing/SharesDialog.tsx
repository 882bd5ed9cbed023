import { Check, Copy, Link2, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";

import { titleOf } from "@/core/state";
import type { WireShare } from "@/core/wire";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";
import { useCopy } from "@/shared/use-copy";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The links by which others read: those of one conversation, with a way to make one, or all (null). */
export default function SharesDialog({ conversation }: { conversation: string | null }) {
  const t = useT();
  const { moving } = useSession();
  const title = useChat((state) => titleOf(state, conversation)) ?? t("list.untitled");
  const [shares, setShares] = useState<readonly WireShare[] | null>(null);
  const [told, setTold] = useState("");
  const attempt = useAttempt();
  const [unread, setUnread] = useState<unknown>(null);
  // Synchronises with what the server has, when it opens.
  useEffect(() => {
    moving.shares().then(
      // A link may have been made meanwhile.
      (found) =>
        setShares((made) => [...new Map([...(made ?? []), ...found].map((one) => [one.id, one])).values()]),
      setUnread,
    );
  }, [moving]);
  const shown = shares?.filter((share) => conversation === null || share.conversation === conversation);

  async function make(): Promise<void> {
    if (conversation === null) return;
    await attempt.run(async () => {
      const made = await moving.share(conversation);
      setShares((before) => [made, ...(before ?? []).filter((share) => share.id !== made.id)]);
      setTold(t("share.made"));
    });
  }
  async function remove(id: string): Promise<void> {
    await attempt.run(async () => {
      await moving.unshare(id);
      setShares((before) => before?.filter((share) => share.id !== id) ?? null);
      setTold(t("share.removed"));
    });
  }
  return (
    <Window
      title={conversation === null ? t("share.all") : t("share.title")}
      lead={conversation === null ? t("share.allLead") : title}
    >
      {conversation !== null && (
        <>
          <ul className="list-disc space-y-1 pl-5 text-sm leading-relaxed text-ink-soft marker:text-wood">
            <li>{t("share.included")}</li>
            <li>{t("share.excluded")}</li>
            <li>{t("share.later")}</li>
            {LOOPBACK.has(location.hostname) && <li>{t("share.loopback")}</li>}
          </ul>
          <button
            type="button"
            className="button button-wood mt-4"
            aria-disabled={attempt.isBusy}
            onClick={() => void make()}
          >
            <Link2 className="size-4" aria-hidden />
            {t("share.make")}
          </button>
        </>
      )}
      {(attempt.error ?? unread) !== null && (
        <div className="mt-3">
          <Trouble what={t("share.failed")} error={attempt.error ?? unread} />
        </div>
      )}
      <p role="status" className="sr-only">
        {told}
      </p>
      {shown?.length === 0 && conversation === null && (
        <p className="text-sm text-ink-soft">{t("share.none")}</p>
      )}
      {shown !== undefined && shown.length > 0 && (
        <ul aria-label={t("share.list")} className="mt-4 space-y-2">
          {shown.map((share) => (
            <ShareRow
              key={share.id}
              share={share}
              isNamed={conversation === null}
              onRemove={() => void remove(share.id)}
            />
          ))}
        </ul>
      )}
    </Window>
  );
}

interface ShareRowProps {
  readonly share: WireShare;
  /** Whether it says of which conversation it is. */
  readonly isNamed: boolean;
  readonly onRemove: () => void;
}

function ShareRow({ share, isNamed, onRemove }: ShareRowProps) {
  const { locale, t } = useSpeech();
  const copy = useCopy();
  const address = `${location.origin}${share.path}`;
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const made = time.format(new Date(share.created_at * 1000));
  return (
    <li className="flex items-center gap-1 rounded-xl border bg-paper py-2 pr-1.5 pl-3.5">
      <div className="min-w-0 flex-1 text-sm">
        {isNamed && <p className="truncate font-medium">{share.title ?? t("list.untitled")}</p>}
        <a
          href={share.path}
          target="_blank"
          rel="noreferrer"
          className="block truncate text-wood underline underline-offset-2"
        >
          {address}
        </a>
        <p className="text-xs text-ink-soft">{t("share.madeAt", { time: made })}</p>
      </div>
      <IconButton
        label={copy.isDone ? t("message.copied") : t("share.copy")}
        onClick={() => copy.run(address)}
      >
        {copy.isDone ? <Check /> : <Copy />}
      </IconButton>
      <IconButton label={t("share.remove")} onClick={onRemove}>
        <Trash2 />
      </IconButton>
    </li>
  );
}
