import { Square, Volume2 } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";
import { plainText } from "@/shared/markdown/plain-text";
import { canRead, read, stopReading, useIsRead } from "@/shared/read-aloud";
import { IconButton } from "@/shared/ui/IconButton";

import { MoreItem } from "./MoreMenu";

/** In the menu of an answer: let the browser read it. */
export function ReadItem({ id, text }: { id: string; text: string }) {
  const t = useT();
  if (!canRead()) return null;
  return <MoreItem icon={<Volume2 />} label={t("message.read")} onSelect={() => readMarkdown(id, text)} />;
}

/** Beside the other buttons while it is read. */
export function StopReading({ id }: { id: string }) {
  const t = useT();
  const isRead = useIsRead(id);
  if (!isRead) return null;
  return (
    <IconButton label={t("message.stopReading")} size="small" className="text-wood" onClick={stopReading}>
      <Square className="fill-current" />
    </IconButton>
  );
}

// oxlint-disable-next-line react/only-export-components -- it belongs to the words above
export function readMarkdown(id: string, text: string): void {
  read(id, plainText(withoutCode(text)));
}

/** Nobody wants to hear code. */
function withoutCode(text: string): string {
  return text.replaceAll(/^(```+|~~~+)[^\n]*\n[\s\S]*?(?:^\1[ \t]*$|$(?![\s\S]))/gm, "");
}
