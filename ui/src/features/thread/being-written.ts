import type { TreeNode } from "@/core/tree";

/** Whether a piece of an answer that still grows does so itself: thinking has no status, and goes on until something follows. */
export function isBeingWritten(node: TreeNode, nodes: readonly TreeNode[]): boolean {
  return node.kind === "reasoning" ? node === nodes.at(-1) : node.status === "in_progress";
}
