import { X } from "lucide-react";

import type { Refusal } from "@/core/attaching";
import { MOST_ATTACHMENTS } from "@/core/attachments";
import { blindModel } from "@/core/comparing";
import { modelInUse } from "@/core/state";
import { keysOf } from "@/shared/commands";
import { sizeOf } from "@/shared/files/size";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

interface AttachNoticesProps {
  readonly refused: readonly Refusal[];
  /** The model that would not see the images. */
  readonly blind: string | null;
  /** The message goes when its files are there. */
  readonly isWaiting: boolean;
  /** A long paste became a file. */
  readonly wasLong: boolean;
}

/** What was not attached and why, and what keeps the message from going; over the box. */
export function AttachNotices({ refused, blind, isWaiting, wasLong }: AttachNoticesProps) {
  const t = useT();
  // At the time of the refusal it was one of them.
  const model = useChat((state) => blindModel(state, state.open) ?? modelInUse(state)?.id ?? "");
  return (
    <>
      {refused.length > 0 && <Refused refused={refused} model={model} />}
      {blind !== null && (
        <p role="alert" className="mb-2 rounded-2xl bg-danger-soft px-4 py-2.5 text-sm leading-relaxed">
          {t("attach.blindNow", { model: blind })}
        </p>
      )}
      {wasLong && !isWaiting && (
        <p role="status" className="mb-2 px-2 text-sm text-ink-soft">
          {t("attach.pastedHint", { keys: keysOf("V", true) })}
        </p>
      )}
      {isWaiting && (
        <p role="status" className="mb-2 px-2 text-sm text-ink-soft">
          {t("attach.waits")}
        </p>
      )}
    </>
  );
}

function Refused({ refused, model }: { refused: readonly Refusal[]; model: string }) {
  const { t, locale } = useSpeech();
  const session = useSession();
  const open = useChat((state) => state.open);
  return (
    <div className="row-enter mb-2 flex items-start gap-2 rounded-2xl bg-danger-soft py-2 pr-2 pl-4 text-sm leading-relaxed">
      <div role="alert" aria-label={t("attach.refused")} className="min-w-0 flex-1 self-center">
        <ul>
          {refused.map(({ name, reason, most }, index) => (
            // Nothing is ever put in between.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={index}>
              {t(`attach.refused.${reason}`, {
                name,
                model,
                most: sizeOf(most, locale),
                count: MOST_ATTACHMENTS,
              })}
            </li>
          ))}
        </ul>
      </div>
      <IconButton
        label={t("attach.dismiss")}
        size="small"
        onClick={() => {
          session.attaching.forgetRefused(open);
          focusBox();
        }}
      >
        <X />
      </IconButton>
    </div>
  );
}
