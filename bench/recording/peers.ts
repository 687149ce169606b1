/** The same exchanges in the forms of others: GoReplay's `.gor`, and HAR 1.2. */

import type { RawExchange } from "./traffic.ts";

const separator = "\n🐵🙈🙉\n";
const startMs = 1_763_798_400_000;

/** One payload: `1 ID TIME LATENCY`, the request as it came; `2 …`, the answer. */
export function asGor({ requestHead, requestBody, answerHead, answerBody }: RawExchange, index: number): string {
  const id = index.toString(16).padStart(24, "0");
  const time = `${startMs + index}000000`;
  return `1 ${id} ${time} 0\n${requestHead}${requestBody}${separator}2 ${id} ${time} 2000000\n${answerHead}${answerBody}${separator}`;
}

/** One entry of `log.entries`. */
export function asHarEntry({ requestHead, requestBody, answerHead, answerBody }: RawExchange, index: number): string {
  const [requestLine = "", ...requestHeaders] = requestHead.trimEnd().split("\r\n");
  const [, ...answerHeaders] = answerHead.trimEnd().split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const url = new URL(target, "http://shop.example.com");
  const headers = (lines: readonly string[]): object[] =>
    lines.map((line) => ({ name: line.slice(0, line.indexOf(":")), value: line.slice(line.indexOf(":") + 2) }));
  return JSON.stringify({
    startedDateTime: new Date(startMs + index).toISOString(),
    time: 2,
    request: {
      ...{ method, url: url.href, httpVersion: "HTTP/1.1", cookies: [], headers: headers(requestHeaders), headersSize: -1 },
      queryString: Array.from(url.searchParams, ([name, value]) => ({ name, value })),
      ...(requestBody === "" ? {} : { postData: { mimeType: "application/json", text: requestBody } }),
      bodySize: requestBody.length,
    },
    response: {
      ...{
        status: 200,
        statusText: "OK",
        httpVersion: "HTTP/1.1",
        cookies: [],
        headers: headers(answerHeaders),
        redirectURL: "",
        headersSize: -1,
      },
      content: { size: answerBody.length, mimeType: "application/json", text: answerBody },
      bodySize: answerBody.length,
    },
    cache: {},
    timings: { send: 0, wait: 2, receive: 0 },
  });
}
