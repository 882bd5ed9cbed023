/** What the palette offers for a query, in the order in which it stands there. */
import type { Part } from "@/core/finding";
import { hasAll, partsOf } from "@/core/finding";
import type { Conversation } from "@/core/state";
import type { WireHit } from "@/core/wire";
import type { Command } from "@/shared/commands";

/** Conversations that are offered before anything is written. */
const RECENT = 6;

export type Option =
  | { readonly kind: "chat"; readonly id: string; readonly parts: readonly Part[] }
  | { readonly kind: "message"; readonly id: string; readonly hit: WireHit }
  | { readonly kind: "command"; readonly id: string; readonly command: Command; readonly label: string }
  | { readonly kind: "more"; readonly id: string };

export interface Group {
  readonly name: "recent" | "chats" | "messages" | "commands";
  readonly options: readonly Option[];
}

export interface Offer {
  readonly words: readonly string[];
  readonly conversations: readonly Conversation[];
  readonly hits: readonly WireHit[];
  readonly hasMore: boolean;
  readonly commands: readonly Command[];
  /** The names of a command, the one that is shown first. */
  readonly namesOf: (command: Command) => readonly string[];
  readonly untitled: string;
}

export function groupsFor(offer: Offer): Group[] {
  const { words, hits } = offer;
  const isBlank = words.length === 0;
  const chats = isBlank ? recent(offer) : titles(offer);
  const messages = hits.flatMap((hit): Option[] =>
    hit.item === null ? [] : [{ kind: "message", id: hit.id, hit }],
  );
  const more: Option[] = offer.hasMore ? [{ kind: "more", id: "more" }] : [];
  const groups: Group[] = [
    { name: isBlank ? "recent" : "chats", options: chats },
    { name: "commands", options: named(offer) },
    { name: "messages", options: [...messages, ...more] },
  ];
  return groups.filter((group) => group.options.length > 0);
}

function recent({ conversations, untitled }: Offer): Option[] {
  return conversations
    .slice(0, RECENT)
    .map((one) => ({ kind: "chat", id: one.id, parts: partsOf(one.title ?? untitled, []) }));
}

/** Those that the page knows come at once; the server knows the rest. */
function titles({ conversations, hits, words }: Offer): Option[] {
  const here = conversations.flatMap((one): Option[] =>
    one.title !== null && hasAll(one.title, words)
      ? [{ kind: "chat", id: one.id, parts: partsOf(one.title, words) }]
      : [],
  );
  const known = new Set(conversations.map((one) => one.id));
  const there = hits.flatMap((hit): Option[] =>
    hit.item === null && !known.has(hit.conversation)
      ? [{ kind: "chat", id: hit.conversation, parts: hit.snippet }]
      : [],
  );
  return [...here, ...there];
}

function named({ commands, namesOf, words }: Offer): Option[] {
  return commands.flatMap((command): Option[] => {
    const names = namesOf(command);
    return names.some((name) => hasAll(name, words))
      ? [{ kind: "command", id: command.name, command, label: names[0] ?? "" }]
      : [];
  });
}
