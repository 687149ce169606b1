/** What a PromQL expression asks for, read by Prometheus' own grammar. */

import { parser } from "@prometheus-io/lezer-promql";

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

/** Grafana's variables, as Grafana puts them in. */
const variables: readonly (readonly [RegExp, string])[] = [
  [/\$__rate_interval|\$__range/g, "5m"],
  [/\$(job|instance)/g, ".*"],
];

/** @throws Error where the grammar finds a fault */
export function selectorsOf(expression: string): Selector[] {
  const text = variables.reduce((before, [variable, value]) => before.replaceAll(variable, value), expression);
  const selectors: { metric: string; matchers: { label: string; operator: string; value: string }[] }[] = [];
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`${text} is no PromQL at ${from}`);
      if (name === "VectorSelector") {
        const metric = node.getChild("Identifier");
        selectors.push({ metric: metric === null ? "" : text.slice(metric.from, metric.to), matchers: [] });
      }
      if (name === "UnquotedLabelMatcher") {
        const [, label = "", operator = "", value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text.slice(from, to)) ?? [];
        selectors.at(-1)?.matchers.push({ label, operator, value });
      }
    },
  });
  return selectors;
}
