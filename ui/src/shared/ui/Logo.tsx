import { classes } from "@/shared/classes";

/** Boards laid side by side, their ends staggered: the floor of a maru. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={classes("shrink-0", className)}>
      <rect width="32" height="32" rx="8.5" fill="var(--wood)" />
      <g fill="var(--board)">
        <rect x="6.5" y="7" width="12" height="5" rx="1.5" />
        <rect x="20" y="7" width="5.5" height="5" rx="1.5" opacity="0.6" />
        <rect x="6.5" y="13.5" width="5.5" height="5" rx="1.5" opacity="0.6" />
        <rect x="13.5" y="13.5" width="12" height="5" rx="1.5" />
        <rect x="6.5" y="20" width="12" height="5" rx="1.5" />
        <rect x="20" y="20" width="5.5" height="5" rx="1.5" opacity="0.6" />
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
