/** Random messages through the gateway: what is meant for the other end arrives as it was, and what is recorded is what the primary
 * was sent and answered. */

import { once } from "node:events";
import { Agent, createServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, expect, it } from "vitest";
import { digest } from "../live/bodies.ts";
import { loopback, until } from "../live/support.ts";
import { cleanUp, closeAll, settle, startGateway } from "./support.ts";

afterEach(closeAll);

type Fields = readonly (readonly [string, string])[];

interface Message {
  readonly fields: Fields;
  readonly chunks: readonly Buffer[];
  readonly isChunked: boolean;
  readonly trailers: Fields;
}

const name = fc.stringMatching(/^[Xx]-[A-Za-z0-9!#$&^_`|~.+-]{1,8}$/);
const value = fc.stringMatching(/^([!-~\xa1-\xff]([ \t!-~\xa1-\xff]{0,30}[!-~\xa1-\xff])?)?$/);
const fields: fc.Arbitrary<Fields> = fc.array(
  fc.oneof(
    fc.tuple(name, value),
    fc.tuple(fc.constantFrom("X-Dup", "x-dup", "Content-Disposition", "Set-Cookie", "WWW-Authenticate"), value),
  ),
  { maxLength: 8 },
);
const chunk = fc
  .tuple(fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 90_000 })), fc.nat({ max: 255 }))
  .map(([size, seed]) => Buffer.alloc(size + 1, seed));
const message: fc.Arbitrary<Message> = fc.record({
  fields,
  chunks: fc.array(chunk, { maxLength: 4 }),
  isChunked: fc.boolean(),
  trailers: fc.array(fc.tuple(name, value), { maxLength: 2 }),
});
const exchange = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"),
  target: fc.stringMatching(/^\/[!"$-~]{0,40}$/),
  status: fc.constantFrom(200, 201, 204, 304, 404, 500),
  request: message,
  answer: message,
});

/** What Node is given to write: the framing stands last, so that it writes the fields as they are. */
function written({ fields: own, chunks, isChunked }: Message): string[] {
  const framing = isChunked ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(Buffer.concat(chunks).length)];
  return [...own.flat(), ...framing];
}

function send(
  target: { write(chunk: Buffer): unknown; end(): unknown; addTrailers(trailers: [string, string][]): void },
  from: Message,
): void {
  for (const each of from.chunks) target.write(each);
  if (from.isChunked) target.addTrailers(from.trailers.map(([key, text]) => [key, text]));
  target.end();
}

async function bodyOf(received: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of received) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const pairs = (raw: readonly string[]): string[] =>
  raw.flatMap((text, index) => (index % 2 === 0 ? [`${text}: ${raw[index + 1] ?? ""}`] : []));
const lines = (list: Fields): string[] => list.map(([key, text]) => `${key}: ${text}`);
/** Fields of the generator's own; the rest is the business of the hops. */
const own = (all: readonly string[]): string[] => all.filter((line) => /^(x-|content-disposition|set-cookie|www-)/i.test(line));
const sorted = (all: readonly string[]): string[] => own(all).toSorted();

it("a gateway passes on every field and every byte of random exchanges, and records what the primary saw", async () => {
  let serve: RequestListener = () => undefined;
  const primary = createServer((request, response) => serve(request, response));
  primary.listen(0, loopback);
  await once(primary, "listening");
  cleanUp.push(() => primary.close());
  const started = await startGateway((primary.address() as AddressInfo).port);
  const { port } = started.sidecar.address;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  cleanUp.push(() => agent.destroy());
  let count = 0;
  await fc.assert(
    fc.asyncProperty(exchange, async ({ method, target, status, request, answer }) => {
      count = started.exchanges().length;
      const seen = new Promise<{ head: IncomingMessage; body: Buffer }>((resolve, reject) => {
        serve = (head, response) => {
          bodyOf(head)
            .then((body) => {
              resolve({ head, body });
              response.writeHead(status, written(answer));
              send(response, answer);
              return null;
            })
            .catch(reject);
        };
      });
      const sent = httpRequest({ host: loopback, port, agent, method, path: target, headers: ["Host", "x.example", ...written(request)] });
      send(sent, request);
      const [received] = (await once(sent, "response")) as [IncomingMessage];
      const receivedBody = await bodyOf(received);
      const { head, body } = await seen;
      const requestBody = Buffer.concat(request.chunks);
      const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
      const answerBody = hasBody ? Buffer.concat(answer.chunks) : Buffer.alloc(0);
      expect([head.method, head.url, head.headers.host]).toEqual([method, target, "x.example"]);
      // Node has one order of its own for a Content-Disposition of more than ASCII; all others keep theirs.
      expect(sorted(pairs(head.rawHeaders))).toEqual(sorted(lines(request.fields)));
      const others = (all: readonly string[]): string[] => own(all).filter((line) => !/^content-d/i.test(line));
      expect(others(pairs(head.rawHeaders))).toEqual(others(lines(request.fields)));
      expect(body.equals(requestBody)).toBe(true);
      expect(pairs(head.rawTrailers)).toEqual(request.isChunked ? lines(request.trailers) : []);
      expect(received.statusCode).toBe(status);
      expect(sorted(pairs(received.rawHeaders))).toEqual(sorted(lines(answer.fields)));
      expect(others(pairs(received.rawHeaders))).toEqual(others(lines(answer.fields)));
      expect(receivedBody.equals(answerBody)).toBe(true);
      expect(pairs(received.rawTrailers)).toEqual(answer.isChunked && hasBody ? lines(answer.trailers) : []);
      await until(() => started.exchanges().length > count);
      const line = started.exchanges().at(-1);
      count++;
      expect(line?.exchange.request).toMatchObject({ method, target });
      expect(lines(line?.exchange.request.headers ?? [])).toEqual(pairs(head.rawHeaders));
      expect(line?.requestBody).toEqual(digest(requestBody));
      expect(line?.answerBody).toEqual(digest(answerBody));
      expect(lines(line?.exchange.request.trailers ?? [])).toEqual(pairs(head.rawTrailers));
      const { outcome } = line?.exchange ?? {};
      const trailers = outcome?.kind === "answered" ? (outcome.answer.trailers ?? []) : [];
      expect(lines(trailers)).toEqual(pairs(received.rawTrailers));
    }),
    { numRuns: 150, endOnFailure: true }, // the exchange of a run that failed would come in the middle of the next one
  );
  expect(await settle(started)).toMatchObject({ seen: count, captured: count, recorded: count });
});
