import type { ComponentProps } from "react";

import { classes } from "@/shared/classes";

/** A quiet button with a small picture and a word. */
export function TextButton({ className, children, ...rest }: ComponentProps<"button">) {
  return (
    <button
      type="button"
      className={classes(
        "inline-flex h-8 items-center gap-1.5 rounded-lg px-2.5 text-sm text-ink-soft transition-colors",
        "hover:bg-hover hover:text-ink aria-disabled:opacity-60 aria-disabled:hover:bg-transparent [&_svg]:size-4",
        "disabled:opacity-60 disabled:hover:bg-transparent pointer-coarse:h-10",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
