import { Tooltip } from "radix-ui";
import type { ComponentProps } from "react";

import { classes } from "@/shared/classes";

interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label"> {
  /** What the button does: its name for screen readers, and its tooltip. */
  readonly label: string;
  readonly size?: "normal" | "small";
}

/** A button that is only a picture. */
export function IconButton({ label, size = "normal", className, children, ...rest }: IconButtonProps) {
  const shape = size === "normal" ? "size-9 [&_svg]:size-[18px]" : "size-8 [&_svg]:size-4";
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={label}
          className={classes(
            "inline-flex shrink-0 items-center justify-center rounded-lg text-ink-soft transition-colors",
            "hover:bg-hover hover:text-ink aria-pressed:text-wood disabled:opacity-40 disabled:hover:bg-transparent",
            "aria-disabled:opacity-40 aria-disabled:hover:bg-transparent",
            "pointer-coarse:size-10",
            shape,
            className,
          )}
          {...rest}
        >
          {children}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {label}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
