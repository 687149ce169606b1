/** What becomes of a primary's answer: the head that the client gets, or the reason why it cannot be passed on. Pure. */

import type { HeaderList } from "../../model/exchange.ts";
import { endToEnd, framingOf, via, writable } from "./fields.ts";

export interface ReceivedAnswer {
  readonly status: number;
  readonly version: string;
  readonly fields: HeaderList;
}

export interface AnswerSurroundings {
  readonly clientVersion: string;
  readonly isHead: boolean;
  /** No request after this one. */
  readonly isLast: boolean;
}

export type AnswerPlan =
  | {
      readonly kind: "pass";
      readonly fields: HeaderList;
      readonly takesTrailers: boolean;
      /** Nothing but the end of the primary's connection says where the body ends. */
      readonly lastsUntilClose: boolean;
    }
  | { readonly kind: "unreadable"; readonly why: string };

const leastFinalStatus = 200;
const noContent = 204;
const notModified = 304;

/** How the body is framed for the client is left to Node: by the length where there is one, else in chunks, or for HTTP/1.0 until
 * the end of the connection. */
export function planAnswer(answer: ReceivedAnswer, { clientVersion, isHead, isLast }: AnswerSurroundings): AnswerPlan {
  const { status, version, fields } = answer;
  if (status < leastFinalStatus) return { kind: "unreadable", why: `status ${status}` };
  const framing = framingOf(fields, version);
  if (framing.kind === "unknown") return { kind: "unreadable", why: "a transfer coding that is not understood here" };
  const hasBody = !isHead && status !== noContent && status !== notModified;
  const takesTrailers = hasBody && framing.kind === "chunked" && clientVersion === "1.1";
  const unwanted = new Set([...(takesTrailers ? [] : ["trailer"]), ...(status === noContent ? ["content-length"] : [])]);
  const passed = endToEnd(fields).filter(([name]) => !unwanted.has(name.toLowerCase()));
  const last: HeaderList = isLast ? [["Connection", "close"]] : [];
  const lastsUntilClose = hasBody && framing.kind === "none";
  return { kind: "pass", fields: writable([...passed, via(version), ...last]), takesTrailers, lastsUntilClose };
}

/** An informational answer (1xx) in bytes. */
export function planInformational(fields: HeaderList): HeaderList {
  return endToEnd(fields);
}
