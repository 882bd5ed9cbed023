/** All branches of a conversation as lines of one list. Pure. */
import type { Attachment } from "./attachments";
import { attachmentsOf } from "./attachments";
import type { Thread } from "./tree";
import { pathTo, textOf } from "./tree";

export interface MapRow {
  readonly id: string;
  readonly role: "user" | "assistant";
  /** The first words. */
  readonly text: string;
  /** What goes with it. */
  readonly attachments: readonly Attachment[];
  /** Forks above it: what follows without a choice stands at the same depth. */
  readonly level: number;
  /** Which of the versions beside it, from 1 on; null where there is only one. */
  readonly version: number | null;
  /** It is on the branch that is shown. */
  readonly isOpen: boolean;
}

const FIRST_CHARS = 90;

/** From the top, each branch whole before the next one. */
export function mapOf(thread: Thread): readonly MapRow[] {
  const open = new Set(pathTo(thread, thread.head));
  const rows: MapRow[] = [];
  const waiting = stepsTo(thread.roots, 0);
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const node = thread.nodes[step.id];
    if (node === undefined) continue;
    const text = textOf(node).replaceAll(/\s+/g, " ").trim().slice(0, FIRST_CHARS);
    const attachments = attachmentsOf(node);
    const isSaid = node.kind === "message" && (text !== "" || attachments.length > 0);
    const role = isSaid ? node.role : "other";
    const isRow = role !== "other";
    if (isRow) {
      const { id, level, version } = step;
      rows.push({ id, role, text, attachments, level, version, isOpen: open.has(id) });
    }
    // What has no row of its own, thinking for one, hands its number on.
    waiting.push(...stepsTo(node.children, step.level, isRow ? null : step.version));
  }
  return rows;
}

interface Step {
  readonly id: string;
  readonly level: number;
  readonly version: number | null;
}

/** In the order in which they are taken from the end. */
function stepsTo(ids: readonly string[], level: number, handedOn: number | null = null): Step[] {
  const isFork = ids.length > 1;
  return ids
    .map((id, index) => ({ id, level: isFork ? level + 1 : level, version: isFork ? index + 1 : handedOn }))
    .toReversed();
}

export function hasForks(thread: Thread): boolean {
  return thread.roots.length > 1 || Object.values(thread.nodes).some((node) => node.children.length > 1);
}
