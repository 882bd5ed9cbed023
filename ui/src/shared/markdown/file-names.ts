/** Endings of the files of languages whose name is none. */
const ENDINGS: Readonly<Record<string, string>> = {
  bash: "sh",
  "c++": "cpp",
  "c#": "cs",
  csharp: "cs",
  golang: "go",
  javascript: "js",
  kotlin: "kt",
  make: "mk",
  makefile: "mk",
  markdown: "md",
  mermaid: "mmd",
  powershell: "ps1",
  python: "py",
  python3: "py",
  ruby: "rb",
  rust: "rs",
  shell: "sh",
  typescript: "ts",
  yaml: "yml",
  zsh: "sh",
};

/** A name for the code; a language that is no plain word is not trusted to be an ending. */
export function fileNameOf(language: string | null): string {
  const name = language?.toLowerCase() ?? "";
  const ending = (Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : undefined) ?? name;
  return `code.${/^[a-z0-9]{1,10}$/.test(ending) ? ending : "txt"}`;
}
