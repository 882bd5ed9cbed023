/**
 * Colours of code, loaded when the first code block is shown. Both themes are in CSS variables, so that a switch of
 * the theme colours nothing anew. A growing block tokenises only its new lines.
 */
import type { GrammarState, HighlighterCore, LanguageRegistration, ThemedToken } from "shiki/core";
import { createHighlighterCore } from "shiki/core";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";

type Grammar = () => Promise<{ default: LanguageRegistration[] }>;

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  bash: () => import("shiki/langs/shellscript.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  cpp: () => import("shiki/langs/cpp.mjs"),
  csharp: () => import("shiki/langs/csharp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  docker: () => import("shiki/langs/docker.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  graphql: () => import("shiki/langs/graphql.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  ini: () => import("shiki/langs/ini.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  javascript: () => import("shiki/langs/javascript.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  jsx: () => import("shiki/langs/jsx.mjs"),
  kotlin: () => import("shiki/langs/kotlin.mjs"),
  lua: () => import("shiki/langs/lua.mjs"),
  make: () => import("shiki/langs/make.mjs"),
  markdown: () => import("shiki/langs/markdown.mjs"),
  php: () => import("shiki/langs/php.mjs"),
  powershell: () => import("shiki/langs/powershell.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  r: () => import("shiki/langs/r.mjs"),
  ruby: () => import("shiki/langs/ruby.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  scala: () => import("shiki/langs/scala.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  swift: () => import("shiki/langs/swift.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  typescript: () => import("shiki/langs/typescript.mjs"),
  xml: () => import("shiki/langs/xml.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
};

const ALIASES: Readonly<Record<string, string>> = {
  "c++": "cpp",
  "c#": "csharp",
  cs: "csharp",
  dockerfile: "docker",
  golang: "go",
  htm: "html",
  js: "javascript",
  kt: "kotlin",
  makefile: "make",
  md: "markdown",
  mjs: "javascript",
  ps1: "powershell",
  py: "python",
  python3: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svg: "xml",
  ts: "typescript",
  yml: "yaml",
  zsh: "bash",
};

/** A coloured piece of a line. */
export interface Piece {
  readonly text: string;
  readonly style: Readonly<Record<string, string>> | undefined;
}

export type Row = readonly Piece[];

/** Tokenises one language. */
export interface Tokenizer {
  tokenize(code: string, from: GrammarState | undefined): { rows: Row[]; state: GrammarState | undefined };
}

let highlighter: Promise<HighlighterCore> | null = null;

function core(): Promise<HighlighterCore> {
  highlighter ??= createHighlighterCore({
    themes: [import("shiki/themes/github-light-default.mjs"), import("shiki/themes/github-dark-default.mjs")],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return highlighter;
}

/** The tokenizer of a language, or null for one that we have no grammar of. */
export async function loadTokenizer(language: string): Promise<Tokenizer | null> {
  const name = language.toLowerCase();
  const lang = ALIASES[name] ?? name;
  const grammar = Object.hasOwn(GRAMMARS, lang) ? GRAMMARS[lang] : undefined;
  if (grammar === undefined) return null;
  const [shiki, loaded] = await Promise.all([core(), grammar()]);
  await shiki.loadLanguage(loaded.default);
  const registered = loaded.default.at(-1)?.name ?? lang;
  return {
    tokenize(code, from) {
      const result = shiki.codeToTokens(code, {
        lang: registered,
        themes: { light: "github-light-default", dark: "github-dark-default" },
        defaultColor: false,
        ...(from === undefined ? {} : { grammarState: from }),
      });
      return { rows: result.tokens.map((line) => line.map(pieceOf)), state: result.grammarState };
    },
  };
}

function pieceOf(token: ThemedToken): Piece {
  const style = typeof token.htmlStyle === "object" ? token.htmlStyle : undefined;
  return { text: token.content, style };
}

/** The rows of one growing block; whole lines that were coloured once are never coloured again. */
export class ColouredCode {
  private done = "";
  private rows: Row[] = [];
  private state: GrammarState | undefined;
  private tokenizer: Tokenizer | null = null;

  rowsOf(code: string, tokenizer: Tokenizer): readonly Row[] {
    if (tokenizer !== this.tokenizer || !code.startsWith(this.done)) this.reset(tokenizer);
    const end = code.lastIndexOf("\n") + 1;
    if (end > this.done.length) {
      const whole = code.slice(this.done.length, end - 1);
      const { rows, state } = tokenizer.tokenize(whole, this.state);
      this.rows = [...this.rows, ...rows];
      this.state = state;
      this.done = code.slice(0, end);
    }
    const open = code.slice(this.done.length);
    return open === "" ? this.rows : [...this.rows, ...tokenizer.tokenize(open, this.state).rows];
  }

  private reset(tokenizer: Tokenizer): void {
    this.tokenizer = tokenizer;
    this.done = "";
    this.rows = [];
    this.state = undefined;
  }
}
