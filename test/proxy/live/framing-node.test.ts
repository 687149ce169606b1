/** The framing scan beside Node's own parser: random valid messages, read by Node whole and by the scan cut at every byte. */

import { once } from "node:events";
import { Agent, createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everyCut, type FramingLog, scanAnswers, scanRequests } from "./framing-log.ts";
import { exchangeParts, type GeneratedExchange, writeExchange } from "./messages-arbitrary.ts";
import { loopback } from "./support.ts";

/** A message as either parser sees it. */
interface Parsed {
  readonly start: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

const maxHeaderSize = 60_000;
/** Every cut of a message is a scan of all of it: the square of its length. */
const mostBody = 150;
const longestField = 100;
const numRuns = 60;
/** Only a parser that waits for more than there is takes so long. */
const runBoundMs = 5000;
/** For machines that do much else: alone it takes some 3 s. */
const testBoundMs = 60_000;

/** Node knows fewer methods than there are tokens, refuses tabs around `chunked`, and has ways of its own with HTTP/1.0 and upgrades. */
const exchange = exchangeParts
  .map((parts) => ({
    ...parts,
    method: /^(M-SEARCH|x-own|get|head)$/.test(parts.method) ? "POST" : parts.method,
    request: shortened(parts.request),
    answer: shortened(parts.answer),
    pace: "pipelined" as const,
    requestVersion: "1.1" as const,
    answerVersion: "1.1" as const,
    asksInVain: false,
  }))
  .filter(({ target }) => !/[^!-~]/.test(target));

function shortened<
  Parts extends {
    readonly paddings: readonly string[];
    readonly fields: readonly (readonly [string, string])[];
    readonly body: { readonly length: number };
  },
>(parts: Parts): Parts {
  return {
    ...parts,
    paddings: parts.paddings.map((padding) => padding.replaceAll("\t", " ")),
    fields: parts.fields.filter(([, value]) => value.length <= longestField),
    body: { ...parts.body, length: parts.body.length % mostBody },
  };
}

describe("the request scan beside Node's own parser", () => {
  const seen: Parsed[] = [];
  const refused = (error: Error & { reason?: string }): void => {
    seen.push({ start: `refused: ${error.reason ?? error.message}`, fields: [], body: "", trailers: [] });
  };
  const server = createHttpServer({ maxHeaderSize, requireHostHeader: false }, (request, response) => {
    const { method, url, rawHeaders } = request;
    const place = seen.length;
    seen.push({ start: `${method} ${url}`, fields: rawHeaders, body: "unfinished", trailers: [] });
    const read = async (): Promise<void> => {
      const body = await wholeBody(request);
      seen[place] = { start: `${method} ${url}`, fields: rawHeaders, body, trailers: request.rawTrailers };
      response.end();
    };
    read().catch(refused);
  });
  server.on("clientError", (error: Error & { reason?: string }, socket) => {
    refused(error);
    socket.destroy();
  });
  beforeAll(() => listening(server));
  afterAll(() => server.close());

  it(
    "agrees on random pipelined valid requests, cut at every byte",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(exchange, { minLength: 1, maxLength: 3 }), async (drawn) => {
          const written = drawn.map((parts) => writeExchange(parts, "open"));
          const bytes = Buffer.concat(written.flatMap(({ request }) => [request.head, request.rest]));
          seen.length = 0;
          const socket = connect((server.address() as AddressInfo).port, loopback);
          socket.end(bytes);
          socket.resume();
          await once(socket, "close");
          expectAgreement(bytes, (pieces) => scanRequests(pieces), seen);
        }),
        { numRuns, timeout: runBoundMs },
      );
    },
    testBoundMs,
  );
});

describe("the answer scan beside Node's own parser", () => {
  let answers: readonly GeneratedExchange[] = [];
  let next = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      const found = answers[next++];
      if (found === undefined) return;
      socket.write(found.interim);
      socket.write(found.answer.head);
      socket.write(found.answer.rest);
      if (next === answers.length) socket.end();
    });
  });
  beforeAll(() => listening(server));
  afterAll(() => server.close());

  it(
    "agrees on random valid answers, with 1xx before them, without length at the end, cut at every byte",
    async () => {
      const drawn = fc.record({ exchanges: fc.array(exchange, { minLength: 1, maxLength: 3 }), endless: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(drawn, async ({ exchanges, endless }) => {
          const last = exchanges.length - 1;
          answers = exchanges.map((parts, index) => writeExchange(parts, index === last && endless ? "until-close" : "open"));
          next = 0;
          const agent = new Agent({ keepAlive: true, maxSockets: 1 });
          const parsed: Parsed[] = [];
          const interims: number[] = [];
          for (const { request } of answers) {
            // Without a body, so that it comes in one piece: the server answers whatever comes.
            const method = request.method === "HEAD" ? "HEAD" : "GET";
            const sent = httpRequest({
              agent,
              host: loopback,
              port: (server.address() as AddressInfo).port,
              method,
              maxHeaderSize,
            });
            sent.on("information", ({ statusCode }) => interims.push(statusCode));
            sent.end();
            const [response] = (await once(sent, "response")) as [IncomingMessage];
            const body = await wholeBody(response);
            const { statusCode, statusMessage, rawHeaders, rawTrailers } = response;
            parsed.push({ start: `${statusCode} ${statusMessage}`, fields: rawHeaders, body, trailers: rawTrailers });
          }
          agent.destroy();
          const bytes = Buffer.concat(answers.flatMap(({ interim, answer }) => [interim, answer.head, answer.rest]));
          const contexts = answers.map(({ request }) => (request.method === "HEAD" ? ("to-head" as const) : ("ordinary" as const)));
          const log = expectAgreement(bytes, (pieces) => scanAnswers(pieces, contexts), parsed);
          expect(log.informational).toEqual(interims);
        }),
        { numRuns, timeout: runBoundMs },
      );
    },
    testBoundMs,
  );
});

/** The scan finds what Node found, and the same wherever the bytes are cut. */
function expectAgreement(bytes: Buffer, scan: (pieces: readonly Buffer[]) => FramingLog, byNode: readonly Parsed[]): FramingLog {
  const whole = scan([bytes]);
  expect(whole.stopped).toBeNull();
  expect(whole.messages.every(({ complete }) => complete)).toBe(true);
  expect(whole.messages.map(parsedOf)).toEqual(byNode);
  const differing = [...everyCut(bytes)].filter((pieces) => !isDeepStrictEqual(scan(pieces), whole));
  expect(differing.map(([first]) => `cut after ${first?.length} bytes`)).toEqual([]);
  return whole;
}

function parsedOf({ head, fields, body, trailers }: FramingLog["messages"][number]): Parsed {
  const startLine = head.slice(0, head.indexOf("\r\n"));
  const start = startLine.startsWith("HTTP/") ? startLine.replace(/^HTTP\/1\.[01] /, "") : startLine.replace(/ HTTP\/1\.[01]$/, "");
  const trailerFields = trailers.split("\r\n").filter((line) => line !== "");
  return { start, fields: fields.flat(), body, trailers: trailerFields.flatMap((line) => [nameOf(line), valueOf(line)]) };
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(":"));
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(":") + 1).replace(/^[ \t]+|[ \t]+$/g, "");
}

async function wholeBody(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("latin1");
}

async function listening(server: Server): Promise<void> {
  server.listen(0, loopback);
  await once(server, "listening");
}
