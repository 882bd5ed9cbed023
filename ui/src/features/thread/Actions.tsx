import type { ReactNode } from "react";

import { classes } from "@/shared/classes";

/** The small buttons under a message: always there at the end of the conversation and on touch, else on hover or focus. */
export function Actions({
  isAlwaysShown,
  className,
  children,
}: {
  isAlwaysShown: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <div
      className={classes(
        "mt-1.5 flex min-h-8 flex-wrap items-center transition-opacity duration-150",
        !isAlwaysShown &&
          "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100",
        className,
      )}
    >
      {children}
    </div>
  );
}
