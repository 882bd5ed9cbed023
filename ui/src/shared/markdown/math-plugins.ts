/** Everything that draws maths, in a chunk of its own: it is loaded with the first formula. */
import "katex/dist/katex.min.css";

import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";
import type { PluggableList } from "unified";

import { copyFormulasAsTex } from "./copy-tex";

copyFormulasAsTex();

export const remarkMathPlugins: PluggableList = [[remarkMath, { singleDollarTextMath: false }]];

export const rehypeMathPlugins: PluggableList = [
  [
    rehypeKatex,
    { throwOnError: false, trust: false, maxExpand: 200, strict: "ignore", errorColor: "currentColor" },
  ],
];
