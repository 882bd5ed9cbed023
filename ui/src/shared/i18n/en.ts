/** Every word on the page, in English. `ko.ts` must have the same keys and the same `{places}`; the type says so. */
export const en = {
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
  "model.broken": "{name} did not start: {detail}",
  "model.noneHelp": "No model is set up yet. Add one in maru.toml and start the server again.",

  "context.label": "{percent} of the model’s window is in use",
  "context.detail": "{used} of {window} tokens",

  "list.today": "Today",
  "list.yesterday": "Yesterday",
  "list.week": "Previous 7 days",
  "list.older": "Older",
  "list.more": "Show more",
  "list.empty": "Your conversations will be listed here.",
  "list.failed": "The list could not be loaded.",
  "list.again": "Try again",
  "list.untitled": "New chat",
  "list.menu": "Options for {title}",
  "list.running": "Answering",
  "list.unread": "New answer",
  "list.rename": "Rename",
  "list.renameLabel": "Name of the conversation",
  "list.delete": "Delete",
  "delete.title": "Delete this conversation?",
  "delete.body": "“{title}” and all its messages will be gone for good.",
  "delete.confirm": "Delete",
  "delete.cancel": "Keep it",

  "thread.label": "Messages",
  "thread.you": "You said",
  "thread.assistant": "Maru said",
  "thread.loading": "Loading the conversation",
  "thread.missing": "This conversation is not here. It may have been deleted.",
  "thread.failed": "The conversation could not be loaded.",
  "thread.toEnd": "Scroll to the newest message",
  "thread.waiting": "Waiting for the model",

  "message.copy": "Copy",
  "message.copied": "Copied",
  "message.edit": "Edit",
  "message.editLabel": "Edit your message",
  "message.editSend": "Send",
  "message.editCancel": "Cancel",
  "message.regenerate": "Answer again",
  "message.previous": "Previous version",
  "message.next": "Next version",
  "message.version": "Version {index} of {total}",
  "message.details": "Details",
  "message.stopped": "You stopped this answer.",
  "message.cut": "The answer reached its length limit.",
  "message.interrupted": "The answer was interrupted.",
  "message.failed": "Something went wrong while answering.",
  "message.retry": "Try again",
  "message.thinking": "Thinking…",
  "message.thought": "Thoughts",
  "message.tool": "Tool: {name}",
  "message.toolResult": "Result",
  "message.file": "File: {name}",

  "details.model": "Model",
  "details.tokens": "Tokens",
  "details.tokensValue": "{input} read, {output} written",
  "details.speed": "Speed",
  "details.speedValue": "{speed} tokens a second",
  "details.time": "Time",

  "code.copy": "Copy code",
  "code.wrap": "Wrap lines",
  "code.plain": "text",
  "code.label": "Code, {language}",
  "table.label": "Table",
  "image.link": "Image from {host}",

  "error.unreachable": "The server cannot be reached.",
  "error.busy": "Another answer is being written in this conversation. Wait for it, then try again.",
  "error.tooLong": "This conversation no longer fits into the model’s window. Start a new chat to go on.",
  "error.rateLimit": "Too many requests at once. Wait a moment, then try again.",
  "error.modelGone": "This model is not set up on the server. Choose another one.",

  "access.title": "This Maru asks for a key",
  "access.help": "It is reached from another machine. On the server’s machine, make a key with:",
  "access.label": "API key",
  "access.enter": "Come in",
  "access.wrong": "The server does not know this key.",
  "access.refused": "The server does not let this page in.",

  "connection.lost": "The connection was lost. Trying again…",

  "theme.label": "Theme",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "theme.system": "Like the system",
  "language.label": "Language",

  "status.started": "Maru is answering.",
  "status.finished": "The answer is complete.",
  "status.stopped": "The answer was stopped.",
  "status.failed": "The answer failed.",
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
