/** Tells which writes were under way alone. Two that overlap may reach each target in another order, and they do so in just
 * the pattern of a shared state: the draw that sends one to A first sends the other to B first. */

/** The time from a write's first send to its last answer. */
export interface WriteStretch {
  /** @returns whether no other write was under way in it */
  end(): boolean;
}

export class WriteOverlap {
  #begun = 0;
  #underWay = 0;

  begin(): WriteStretch {
    const isFirst = this.#underWay === 0;
    this.#underWay += 1;
    this.#begun += 1;
    const number = this.#begun;
    return {
      end: () => {
        this.#underWay -= 1;
        return isFirst && this.#begun === number;
      },
    };
  }
}
