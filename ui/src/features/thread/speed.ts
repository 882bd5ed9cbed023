import type { ResponseInfo } from "@/core/tree";

/** Tokens a second from the first one to the last; null when that says nothing. */
export function speedOf({ usage, timing }: Pick<ResponseInfo, "usage" | "timing">): number | null {
  if (usage === null || timing === null || timing.first_token_ms === null) return null;
  const writingMs = timing.total_ms - timing.first_token_ms;
  return writingMs > 0 && usage.output_tokens > 1 ? ((usage.output_tokens - 1) * 1000) / writingMs : null;
}
