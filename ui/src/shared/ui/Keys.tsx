import { isMac } from "@/shared/commands";
import { signsOf } from "@/shared/shortcuts";

/** Keys as they stand on the keyboard. */
export function Keys({ of }: { of: string }) {
  return (
    <span className="inline-flex gap-1">
      {signsOf(of, isMac).map((sign) => (
        <kbd
          key={sign}
          className="min-w-6 rounded-md border border-b-2 bg-floor px-1.5 py-0.5 text-center font-sans text-xs"
        >
          {sign}
        </kbd>
      ))}
    </span>
  );
}
