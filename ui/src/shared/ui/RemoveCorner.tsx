import { X } from "lucide-react";

/** A small sign in the corner of what it removes; where fingers press, around it too. */
export function RemoveCorner({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className="group/x absolute -top-2 -right-2 flex size-7 items-center justify-center rounded-full pointer-coarse:size-10"
      onClick={onRemove}
    >
      <span className="flex size-5.5 items-center justify-center rounded-full bg-ink text-paper shadow-card transition-opacity group-hover/x:opacity-85">
        <X className="size-3.5" aria-hidden />
      </span>
    </button>
  );
}
