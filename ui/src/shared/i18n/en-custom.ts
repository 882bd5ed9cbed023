/** The words of what a person tells all models. */
export const enCustom = {
  "custom.title": "Custom instructions",
  "custom.lead":
    "All models are told this in every chat, from the next answer on. A chat’s own instructions come after it.",
  "custom.enabled": "Tell models this",
  "custom.about": "What should models know about you?",
  "custom.aboutExample": "e.g. I teach physics at a middle school in Busan.",
  "custom.style": "How should they answer?",
  "custom.styleExample": "e.g. Be brief. Name your sources. Ask back when something is unclear.",
  "custom.left": "{left} characters left",
  "custom.save": "Save",
  "custom.cancel": "Cancel",
  "custom.failed": "This was not saved.",
  "custom.loadFailed": "Your instructions could not be loaded.",
  "custom.inThisChat": "Tell the model my custom instructions in this chat",
  "slash.instructions": "What all models are told",
} as const;
