import { FileText } from "lucide-react";

/** Stands before the name of a file. */
export function FileMark() {
  return (
    <span
      className="flex size-9 shrink-0 items-center justify-center rounded-xl bg-wood-soft text-wood"
      aria-hidden
    >
      <FileText className="size-[18px]" />
    </span>
  );
}
