/** The lane of an exchange in a file that has no lanes: what live capture takes by default, as far as a file shows it.
 *
 *    Authorization, else a usual session cookie, else a session cookie that the answer sets, else none */

import { parseCookieHeader, parseSetCookie, sessionCookies } from "../../model/cookies.ts";
import { type Exchange, headerValue, headerValues } from "../../model/exchange.ts";
import type { NameLane } from "./foreign.ts";

export function laneOf({ request, outcome }: Pick<Exchange, "request" | "outcome">, nameLane: NameLane): string | null {
  const authorization = headerValue(request.headers, "authorization");
  if (authorization !== undefined && authorization !== "") return nameLane(authorization);
  const sent = headerValues(request.headers, "cookie").flatMap(parseCookieHeader);
  const set = outcome.kind === "answered" ? headerValues(outcome.answer.headers, "set-cookie").map(parseSetCookie) : [];
  const pairs = [sent, set.map(({ name, value }) => [name, value] as const)];
  for (const cookies of pairs) {
    for (const wanted of sessionCookies) {
      const value = cookies.find(([name, content]) => name === wanted && content !== "")?.[1];
      if (value !== undefined) return nameLane(`${wanted}=${value}`);
    }
  }
  return null;
}
