/** What two equal parts of two documents say: their leaves agree, and each id in them stands for itself. It is what comparing
 * them value by value says, without paths, keys of elements, or a second tree. For places without rules of the user only. */

import type { JsonNode } from "../../model/json/node.ts";
import { agreeOnText } from "./equal-scalars.ts";
import { ownerClass, readNumberIds } from "./identity.ts";
import type { Ledger } from "./ledger.ts";
import { countLeaves } from "./nodes.ts";
import type { AnswerPair } from "./pair.ts";
import type { Place } from "./place.ts";
import type { Work } from "./work.ts";

/** Counts the leaves of a container that both sides have. What there is no work left for counts as untested. */
export function agreeOnTree(container: JsonNode, { name, inner, inArray }: Place, { ledger, work }: AnswerPair): void {
  new EqualTree(ledger, work).container(container, name, inner, inArray);
}

class EqualTree {
  private readonly ledger: Ledger;
  private readonly work: Work;

  constructor(ledger: Ledger, work: Work) {
    this.ledger = ledger;
    this.work = work;
  }

  container(node: JsonNode, name: string, owner: string, inArray: boolean): void {
    if (!this.work.spend()) return this.ledger.skip(countLeaves(node));
    if (node.kind === "object") {
      if (node.members.length === 0) this.ledger.agree();
      for (const { key, value } of node.members) this.value(value, key, owner, inArray, true);
    } else if (node.kind === "array") {
      if (node.elements.length === 0) this.ledger.agree();
      for (const element of node.elements) this.value(element, name, owner, true, false);
    }
  }

  private value(node: JsonNode, name: string, owner: string, inArray: boolean, isMember: boolean): void {
    switch (node.kind) {
      case "string":
        return agreeOnText(node.value, name, owner, inArray, this.ledger);
      case "number":
        return this.number(node.lexeme, name, owner, inArray);
      case "boolean":
      case "null":
        return this.ledger.agree();
      case "object":
      case "array":
        return this.container(node, name, isMember ? ownerClass(name, owner) : owner, inArray);
      default:
        return node satisfies never;
    }
  }

  private number(lexeme: string, name: string, owner: string, inArray: boolean): void {
    const ids = readNumberIds(lexeme, lexeme, name, owner);
    if (ids === null) this.ledger.agree();
    else if (this.work.spend()) this.ledger.identify({ ...ids, left: lexeme, right: lexeme, inArray, broken: null });
    else this.ledger.skip();
  }
}
