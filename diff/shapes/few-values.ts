/** Which names have few values, each of them used again and again: those that work like an enumeration (`sort=price`, `draft=true`). */

/** More distinct values are data. */
const mostValues = 12;
/** Longer values are content. */
const longestValue = 40;
/** A value is one of few when each was met so often on average. */
const usesEach = 3;
/** Names that are followed; further ones have no few values. */
const mostNames = 20_000;

export class FewValues {
  /** Null = too many values. */
  private readonly names = new Map<string, { readonly values: Set<string>; uses: number } | null>();

  learn(name: string, value: string): void {
    let known = this.names.get(name);
    if (known === null || (known === undefined && this.names.size >= mostNames)) return;
    if (known === undefined) this.names.set(name, (known = { values: new Set(), uses: 0 }));
    known.uses++;
    known.values.add(value.length > longestValue ? "" : value);
    if (known.values.size > mostValues || value.length > longestValue) this.names.set(name, null);
  }

  /** Once all were learnt. */
  has(name: string): boolean {
    const known = this.names.get(name);
    return known !== undefined && known !== null && known.uses >= usesEach * known.values.size;
  }
}
