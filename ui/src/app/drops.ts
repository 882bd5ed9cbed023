/** Files that are dropped where nothing takes them, for which the browser would leave the page. */
import { hasFiles, isTakenElsewhere } from "@/features/composer/transfer";

/** Call before anything draws: what takes files then has the last word on how they look over it. */
export function refuseStrayFiles(): void {
  for (const kind of ["dragenter", "dragover", "drop"] as const) addEventListener(kind, refuse);
}

function refuse(event: DragEvent): void {
  if (!hasFiles(event.dataTransfer) || isTakenElsewhere(event.target)) return;
  event.preventDefault();
  if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "none";
}
