/** Holds the traffic of two recordings against each other, as the command does. */

import { assumptionsOf } from "../../../diff/assumptions/beliefs.ts";
import { Traffic, Vocabulary } from "../../../diff/assumptions/traffic.ts";
import type { Assumptions, Belief } from "../../../model/belief.ts";
import type { Exchange } from "../../../model/exchange.ts";

export function assumptions(staging: readonly Exchange[], production: readonly Exchange[]): Assumptions {
  const vocabulary = new Vocabulary([]);
  for (const exchange of [...staging, ...production]) vocabulary.learnName(exchange);
  for (const exchange of [...staging, ...production]) vocabulary.learnMaps(exchange);
  const staged = new Traffic(vocabulary, null);
  for (const exchange of staging) staged.add(exchange);
  const produced = new Traffic(vocabulary, staged);
  for (const exchange of production) produced.add(exchange);
  return assumptionsOf(staged, produced);
}

export function lineOf({ endpoint, place, says }: Belief): string {
  return `${endpoint === null ? "" : `${endpoint}: `}${place === "" ? "" : `${place} `}${says}`;
}
