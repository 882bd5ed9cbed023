/** How far a model is that loads, in words for people who run no engine. */
export const enModels = {
  "loading.draining": "Answers that run come to their end first.",
  "loading.host": "It waits for {name}, on whose engine it runs.",
  "loading.starting": "The engine is starting.",
  "loading.downloading": "The weights are being downloaded.",
  "loading.weights": "The weights are being read.",
  "loading.percent": "The weights are being read: {percent}%",
  "loading.preparing": "The engine is getting ready.",
  "loading.trying": "The model is being tried out.",
} as const;
