/** Messages with which public HTTP parsers test themselves (test/corpus, licences beside it). */

import { readFileSync } from "node:fs";

export interface RequestCase {
  readonly suite: string;
  readonly id: string;
  readonly raw: string;
  readonly expect: "accept" | "reject" | "either";
}

export interface AnswerCase {
  readonly id: string;
  readonly raw: string;
  readonly expect: "ok" | "error" | "other";
  readonly statuses: readonly number[];
  readonly complete: number;
}

function corpus<Case>(name: string): Case[] {
  const text = readFileSync(new URL(`../../corpus/${name}`, import.meta.url), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Case);
}

export const requestCases: readonly RequestCase[] = corpus<RequestCase>("http-requests.jsonl");
export const answerCases: readonly AnswerCase[] = corpus<AnswerCase>("http-responses.jsonl");
