/** Sets that are joined one pair at a time (union–find with path halving: nearly linear in the number of joins). */

export class DisjointSets<T> {
  private readonly parents = new Map<T, T>();

  /** The representative of an element's set; of one that was never joined, itself. */
  rootOf(element: T): T {
    let node = element;
    for (let next = this.parents.get(node); next !== undefined; next = this.parents.get(node)) {
      const beyond = this.parents.get(next);
      if (beyond !== undefined) this.parents.set(node, beyond);
      node = next;
    }
    return node;
  }

  /** The parent's representative stays. */
  join(child: T, parent: T): void {
    const [from, to] = [this.rootOf(child), this.rootOf(parent)];
    if (from !== to) this.parents.set(from, to);
  }
}
