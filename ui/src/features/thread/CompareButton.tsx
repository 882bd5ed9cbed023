import { Columns2 } from "lucide-react";
import { flushSync } from "react-dom";

import { canCompare } from "@/core/columns";
import { openThread } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

import { COLUMNS_ID } from "./columns-id";

/** The answer that begins with `id` and those beside it, side by side. Nothing where it is the only one. */
export function CompareButton({ id }: { id: string }) {
  const t = useT();
  const session = useSession();
  const prompt = useChat((state) => {
    const thread = openThread(state);
    const above = thread.nodes[id]?.parent ?? null;
    return above !== null && canCompare(thread, above) ? above : null;
  });
  if (prompt === null) return null;
  return (
    <IconButton
      label={t("compare.answers")}
      size="small"
      onClick={() => {
        // The button is gone with the single answer: who used it stands at what took its place.
        flushSync(() => session.comparing.open(prompt));
        document.querySelector<HTMLElement>(`#${COLUMNS_ID}`)?.focus({ preventScroll: true });
      }}
    >
      <Columns2 />
    </IconButton>
  );
}
