/** The words of exports, imports and shares, in English. */
export const enMoving = {
  "export.action": "Export…",
  "export.title": "Export this chat",
  "export.markdown": "Markdown",
  "export.markdownHelp": "What is shown now, as text for people.",
  "export.json": "JSON",
  "export.jsonHelp":
    "All of it: every version of every message, pins, summaries and ratings. It can be imported again.",
  "export.print": "Print, or save as PDF",
  "export.printHelp": "What is shown now, on paper.",
  "export.failed": "This could not be exported.",
  "moving.title": "Export and import",
  "moving.out": "Take everything with you",
  "moving.outHelp":
    "All chats with every version of every message, pins, summaries and ratings, in one file that Maru reads again.",
  "moving.outAction": "Export everything",
  "moving.outBusy": "Collecting…",
} as const;
