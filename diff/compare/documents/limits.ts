/** Bounds of one document; past them nothing is said about it. */

export interface DocumentLimits {
  /** Values in all. */
  readonly nodes: number;
}

/** As deep as JSON is read: the trees are compared recursively. */
export const maxDepth = 512;
