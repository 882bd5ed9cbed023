/** How an answer ended, for whoever is told of it. Pure. */
import type { Announcement } from "./state";
import type { ResponseStatus, ServerFrame } from "./wire";

export type Ending = Extract<Announcement["kind"], "finished" | "stopped" | "failed">;

export function endingOf(frame: ServerFrame): Ending {
  if (frame.type === "response.completed") return "finished";
  if (frame.type === "response.incomplete") return "stopped";
  return "failed";
}

/** The same of an answer that is read from the server's tree; undefined: it is not there. */
export function endingIn(status: ResponseStatus | undefined): Ending {
  if (status === "completed") return "finished";
  return status === "incomplete" || status === "cancelled" ? "stopped" : "failed";
}
