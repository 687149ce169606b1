/** Makes of each compared exchange the few numbers that are kept of it until the run is judged. */

import type { Exchange } from "../model/exchange.ts";
import { isSafeMethod } from "../model/exchange.ts";
import type { JsonNode } from "../model/json/node.ts";
import { FeatureTable } from "./feature-table.ts";
import { labelList } from "./heterogeneity.ts";
import { RequestFeatures } from "./request-features.ts";
import { requestContent, requestRecord, requestShape, requestSize } from "./request-shape.ts";
import { type ComparedExchange, Interner } from "./tally.ts";

/** What was read of a request. */
export interface RequestReading {
  readonly endpoint: string;
  /** Its body, where that is JSON. */
  readonly json: JsonNode | null;
}

export class ExchangeSummaries {
  readonly endpoints = new Interner();
  readonly features = new FeatureTable();
  readonly labels = new FeatureTable();
  private readonly lanes = new Interner();
  private readonly contents = new Interner();
  private readonly records = new Interner();
  private readonly shapes = new Interner();
  private readonly requestFeatures = new RequestFeatures(this.features);
  private count = 0;

  /** Call once an exchange. */
  of(
    exchange: Exchange,
    { endpoint, json }: RequestReading,
    seen: Pick<ComparedExchange, "shown" | "noisy" | "afterGap">,
  ): ComparedExchange {
    const { request, outcome } = exchange;
    const status = outcome.kind === "answered" ? outcome.answer.status : outcome.kind;
    return {
      id: exchange.id,
      endpoint: this.endpoints.numberOf(endpoint),
      lane: this.lanes.numberOf(exchange.lane === null ? `exchange ${this.count++}` : `lane ${exchange.lane}`),
      content: this.contents.numberOf(requestContent(request)),
      record: this.records.numberOf(requestRecord(endpoint, request)),
      isSafe: isSafeMethod(request.method),
      shape: this.shapes.numberOf(`${status} ${requestShape(endpoint, request, json)}`),
      features: this.requestFeatures.listOf(exchange, endpoint, json),
      labels: labelList(exchange.labels, this.labels),
      size: requestSize(request),
      inclusion: exchange.inclusion ?? 0,
      ...seen,
    };
  }
}
