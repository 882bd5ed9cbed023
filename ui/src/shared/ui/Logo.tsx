import { classes } from "@/shared/classes";

/** Planks between two beams: the floor of a maru. `isMoving` lets the planks breathe, for waiting. */
export function Logo({ className, isMoving = false }: { className?: string; isMoving?: boolean }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={classes("shrink-0", className)}>
      <rect width="32" height="32" rx="8" fill="var(--wood)" />
      <g fill="var(--paper)">
        <rect x="7" y="7" width="2.6" height="18" rx="1" />
        <rect x="22.4" y="7" width="2.6" height="18" rx="1" />
        {[0, 1, 2, 3].map((plank) => (
          <rect
            key={plank}
            x="11"
            y={7 + plank * 4.8}
            width="10"
            height="3.6"
            rx="1"
            opacity={1 - plank * 0.17}
            className={isMoving ? "animate-pulse" : undefined}
          />
        ))}
      </g>
    </svg>
  );
}

/** Three planks that rise in turn, while the model reads. */
export function Planks() {
  return (
    <span aria-hidden className="inline-flex h-5 items-center gap-1">
      {[0, 1, 2].map((plank) => (
        <span
          key={plank}
          className="h-4 w-1.5 rounded-[2px] bg-wood"
          style={{ animation: `plank 1.2s ${plank * 0.16}s var(--ease-calm) infinite both` }}
        />
      ))}
    </span>
  );
}
