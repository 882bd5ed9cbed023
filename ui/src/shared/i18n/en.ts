import { enFiles } from "./en-files";
import { enFinding } from "./en-finding";
import { enKeys } from "./en-keys";
import { enCompare } from "./en-compare";
import { enCustom } from "./en-custom";
import { enPlayground } from "./en-playground";
import { enPrompts } from "./en-prompts";
import { enThread } from "./en-thread";
import { enFeedback } from "./en-feedback";
import { enModels } from "./en-models";
import { enMoving } from "./en-moving";
import { enVoice } from "./en-voice";

/** Every word on the page, in English. `ko.ts` must have the same keys and the same `{places}`; the type says so. */
export const en = {
  ...enFiles,
  ...enFinding,
  ...enThread,
  ...enCompare,
  ...enCustom,
  ...enPlayground,
  ...enPrompts,
  ...enKeys,
  ...enModels,
  ...enVoice,

  "app.name": "Maru",
  "app.skip": "Skip to the message box",
  "app.sidebar": "Conversations",
  "app.sidebarPlace": "Sidebar",
  "app.openSidebar": "Open sidebar",
  "app.closeSidebar": "Close sidebar",
  "app.newChat": "New chat",
  "app.settings": "Settings",

  "greeting.morning": "Good morning",
  "greeting.afternoon": "Good afternoon",
  "greeting.evening": "Good evening",
  "greeting.sub": "Take a seat on the maru. What is on your mind?",

  "suggest.who.label": "Who are you?",
  "suggest.who.text": "Who are you, and what can you do?",
  "suggest.remember.label": "Remember my name",
  "suggest.remember.text": "My name is Jihoon. Please remember it.",
  "suggest.capital.label": "A capital city",
  "suggest.capital.text": "What is the capital of South Korea?",
  "suggest.sum.label": "Do a sum",
  "suggest.sum.text": "What is 7 times 8?",

  "composer.label": "Message",
  "composer.placeholder": "Ask anything",
  "composer.send": "Send",
  "composer.stop": "Stop answering",
  "composer.note": "A model can be wrong. Check what matters.",

  "model.label": "Model: {name}",
  "model.choose": "Choose a model",
  "model.none": "No model",
  "model.default": "Default",
  "model.ready": "Ready",
  "model.loading": "Loading",
  "model.failed": "Not available",
  "model.waiting": "{name} is still loading. You can write in the meantime.",
  "model.away": "{name} does not answer at the moment: {detail}",
  "model.isOut": "Out of service",
  "model.out": "{name} is out of service for now. Choose another model, or wait until it is back.",
  "model.broken": "{name} did not start: {detail}",
  "model.noneHelp": "No model is set up yet. Add one in maru.toml and start the server again.",

  "context.title": "The model’s memory",
  "context.label": "{percent} of the model’s memory is in use",
  "context.used": "In use",
  "context.usedValue": "{used} of {window} tokens",
  "context.cached": "Known from before",
  "context.cachedValue": "{cached} tokens that it need not read again",
  "context.budget": "Room for the chat",
  "context.budgetValue": "{budget} tokens, then the oldest messages no longer fit",
  "context.full": "The next message pushes the oldest ones out.",
  "context.tokens": "{count} tokens",

  "pin.add": "Pin, so that the model keeps seeing it",
  "pin.remove": "Unpin",
  "pin.mark": "Pinned",
  "pin.failed": "This could not be pinned.",
  "pin.removeFailed": "This could not be unpinned.",

  "memory.from": "The model remembers from here",
  "memory.unseen": "The model no longer sees this.",
  "memory.hint": "It no longer sees what is above. Pin a message to keep it in view.",
  "summary.title": "Summary of what is above",
  "summary.shown": "The last answer was written with this summary.",
  "summary.notShown": "The last answer was written without this summary.",
  "summary.by": "Written by {model}.",
  "summary.edited": "Changed by you.",
  "summary.edit": "Edit",
  "summary.editLabel": "Edit the summary",
  "summary.save": "Save",
  "summary.cancel": "Cancel",
  "summary.renew": "Write it again",
  "summary.renewing": "The model is writing it again…",
  "summary.delete": "Delete",
  "summary.deleteTitle": "Delete this summary?",
  "summary.deleteBody":
    "The messages stay, but the model will know nothing more of those that it no longer sees.",
  "summary.deleteKeep": "Keep it",
  "summary.failed": "That did not work.",

  "seen.open": "What did the model see?",
  "seen.title": "What the model saw",
  "seen.lead": "{model} read {used} tokens to write this answer.",
  "seen.leadAbout": "{model} read about {used} tokens to write this answer.",
  "seen.cached": "Known from before",
  "seen.budget": "Room for the chat",
  "seen.window": "Memory in all, the answer included",
  "seen.full": "When that is full",
  "seen.policy.block": "The oldest messages are left out, several at a time.",
  "seen.policy.sliding": "The oldest messages are left out, one by one.",
  "seen.policy.keep-all": "Nothing is left out. A chat that is too long is refused.",
  "seen.policy.summarise": "The oldest messages are left out, and a summary stands for them.",
  "seen.instructions": "Instructions",
  "seen.notes": "Told beforehand",
  "seen.turns": "The chat",
  "seen.sent": "Seen",
  "seen.pinned": "Seen (pinned)",
  "seen.summarised": "In the summary",
  "seen.left_out": "Not seen",
  "seen.counts": "It saw {seen} of {total} messages of yours, each with its answer.",
  "seen.earlier": "Show earlier ones",
  "seen.noText": "Without words",
  "seen.notKept": "What the model saw for this answer was not kept.",
  "seen.failed": "This could not be loaded.",
  "seen.again": "Try again",
  "seen.loading": "Loading",
  "dialog.close": "Close",

  "facts.title": "Memory across chats",
  "facts.lead":
    "Short facts about you that models are told in every chat. Only you write them: nothing is remembered by itself.",
  "facts.switch": "Use in all chats",
  "facts.on": "On: models are told these facts.",
  "facts.off": "Off: models are told nothing of this.",
  "facts.list": "What models are told",
  "facts.empty": "Nothing is written down yet.",
  "facts.new": "New fact",
  "facts.placeholder": "e.g. I am a vegetarian",
  "facts.add": "Add",
  "facts.count": "{length} of {most} characters",
  "facts.edit": "Edit “{text}”",
  "facts.editLabel": "Edit this fact",
  "facts.save": "Save",
  "facts.cancel": "Cancel",
  "facts.delete": "Delete “{text}”",
  "facts.forget": "Delete all",
  "facts.forgetTitle": "Delete all facts?",
  "facts.forgetBody": "Models will be told none of them any more. This cannot be undone.",
  "facts.forgetKeep": "Keep them",
  "facts.failed": "That did not work.",
  "facts.loadFailed": "The facts could not be loaded.",
  "facts.added": "Added.",
  "facts.saved": "Saved.",
  "facts.deleted": "Deleted.",
  "facts.forgotten": "All facts are deleted.",

  "remember.action": "Remember this",
  "remember.title": "Remember this in all chats?",
  "remember.lead": "Models will be told this line in every chat. Shorten it to what matters.",
  "remember.label": "What to remember",
  "remember.isOff": "Memory across chats is off. It will be turned on.",
  "remember.add": "Remember",
  "remember.turnOn": "Turn on and remember",
  "remember.cancel": "Cancel",

  "error.unreachable": "The server cannot be reached.",
  "error.busy": "Another answer is being written in this conversation. Wait for it, then try again.",
  "error.tooLong": "This does not fit into the model’s memory. Shorten the message, or start a new chat.",
  "error.tooLongPinned":
    "The message and what is pinned do not fit into the model’s memory together. Unpin something, or shorten the message.",
  "error.rateLimit": "Too many requests at once. Wait a moment, then try again.",
  "error.modelGone": "This model is not set up on the server. Choose another one.",

  "error.memoryFull": "No more facts fit. Delete one first.",
  "error.duplicateFact": "This is written down already.",

  "access.title": "This Maru asks for a key",
  "access.help": "It is reached from another machine. On the server’s machine, make a key with:",
  "access.label": "API key",
  "access.enter": "Come in",
  "access.wrong": "The server does not know this key.",
  "access.refused": "The server does not let this page in.",

  "connection.lost": "The connection was lost. Trying again…",
  "version.new": "There is a newer page.",
  "version.reload": "Reload",

  "theme.label": "Theme",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "theme.system": "Like the system",
  "language.label": "Language",

  "status.started": "Maru is answering.",
  "status.finished": "The answer is complete.",
  "status.stopped": "The answer was stopped.",
  "status.failed": "The answer failed.",
  "status.notSent": "A message was not sent. It is still in its box.",
  "status.pinned": "Pinned. The model keeps seeing it.",
  "status.unpinned": "Unpinned.",
  "status.remembered": "Remembered for all chats.",
  "status.summaryKept": "The summary is saved.",
  "status.summaryRenewed": "The summary was written again.",
  "status.summaryDeleted": "The summary is deleted.",
  ...enFeedback,
  ...enMoving,
} as const;

export type Key = keyof typeof en;

/** The names in braces in a string. */
type Places<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Places<Rest>
  : never;

export type Args<K extends Key> = [Places<(typeof en)[K]>] extends [never]
  ? []
  : [Readonly<Record<Places<(typeof en)[K]>, string | number>>];

export type Dict = Readonly<Record<Key, string>>;
