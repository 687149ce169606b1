import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, type Exchange, isUnrecorded, noBody } from "../../../model/exchange.ts";
import { epochMs, milliseconds } from "../../../model/units.ts";
import { Tally } from "../../../recording/formats/tally.ts";
import { piecesOf } from "../../../recording/formats/written-forms.ts";
import { anyExchange } from "../arbitraries.ts";
import { plain, plainExchange, text } from "../examples.ts";
import { temporaryDirectories } from "../temporary-directory.ts";
import { bodyText, corpusFile, corpusJson, counts, type ReadFile, readFile, statusesOf } from "./reading.ts";

const directory = temporaryDirectories();
const separator = "\n🐵🙈🙉\n";

interface Manifest {
  readonly files: readonly {
    readonly file: string;
    readonly requests: number;
    readonly methods: Record<string, number>;
    readonly bodies: number;
  }[];
}

async function readText(content: string | Uint8Array, name = "a.gor"): Promise<ReadFile> {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return readFile(path, "gor");
}

const requestRecord = (id: string, ns: string, message = "GET / HTTP/1.1\r\nHost: shop\r\n\r\n"): string =>
  `1 ${id} ${ns} 0\n${message}${separator}`;
const answerRecord = (id: string, ns: string, body = "ok"): string =>
  `2 ${id} ${ns} 2000000\nHTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}${separator}`;

describe("a GoReplay file", () => {
  it.each((corpusJson("gor", "manifest.json") as Manifest).files)(
    "of the corpus is read with the right counts: $file",
    async (expected) => {
      const { exchanges } = await readFile(corpusFile("gor", expected.file), "gor");
      expect(exchanges.length).toBe(expected.requests);
      expect(counts(exchanges.map(({ request }) => request.method))).toEqual(expected.methods);
      expect(exchanges.filter(({ request }) => request.body.kind === "whole").length).toBe(expected.bodies);
      const starts = exchanges.map(({ at }) => at);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    },
  );

  it("pairs answers with their requests by id, wherever they stand, and tells what has no partner", async () => {
    const { exchanges, leftOut } = await readFile(corpusFile("gor", "requests-and-responses.gor"), "gor");
    expect(statusesOf(exchanges)).toEqual({ "200": 4, "201": 1, "204": 1, "404": 1, "0": 1 });
    const created = exchanges.find(({ request }) => request.method === "POST");
    expect([bodyText(created, "answer"), created?.outcome.tookMs]).toEqual(['{"id": 7, "state": "open"}', 4.469134]);
    const unanswered = exchanges.find(({ outcome }) => outcome.kind !== "answered");
    expect([unanswered?.request.target, unanswered?.outcome]).toEqual(["/fail", { kind: "skipped", tookMs: 0, detail: "not_recorded" }]);
    expect(leftOut).toEqual([
      "2 replayed answers left out (only production's are imported)",
      "1 answer body shorter than its Content-Length, so not compared (record 17)",
      "1 answer without a request left out (record 18)",
      "1 request without an answer",
    ]);
    const short = exchanges.find(({ request }) => request.target === "/big");
    expect(short?.outcome.kind === "answered" && isUnrecorded(short.outcome.answer.body)).toBe(true);
  });

  it("keeps bodies as they were: chunks put together, all 256 bytes, UTF-8", async () => {
    const { exchanges } = await readFile(corpusFile("gor", "requests.gor"), "gor");
    const uploads = exchanges.filter(({ request }) => request.target === "/upload").map(({ request }) => plain(request.body));
    expect(uploads).toEqual([
      { kind: "whole", bytes: [...Buffer.from("hello world")] },
      { kind: "whole", bytes: Array.from({ length: 256 }, (_, byte) => byte) },
    ]);
    expect(
      bodyText(
        exchanges.find(({ request }) => request.method === "PUT"),
        "request",
      ),
    ).toBe('{"note":"grüße 你好"}');
    expect(exchanges[1]?.at).toBe(1767225600012.5);
  });

  it("names lanes after session cookies, also those that an answer sets", async () => {
    const { exchanges } = await readFile(corpusFile("gor", "session.gor.gz"), "gor");
    expect(Object.keys(counts(exchanges.map(({ lane }) => lane ?? "none"))).toSorted()).toEqual(
      [0, 1, 2, 3, 4].map((number) => `[sid=s${number}]`),
    );
    const login = `${requestRecord("a", "1000000")}2 a 2000000 1000000\nHTTP/1.1 200 OK\r\nSet-Cookie: sid=new; Path=/\r\n\r\n${separator}`;
    expect((await readText(login)).exchanges[0]?.lane).toBe("[sid=new]");
  });

  it("is read as far as it goes where its writer was stopped", async () => {
    const whole = requestRecord("a", "1000000") + answerRecord("a", "3000000");
    const cut = "1 b 4000000 0\nPOST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345";
    const { exchanges, leftOut } = await readText(whole + cut);
    expect([exchanges.map(({ id }) => id), leftOut]).toEqual([["a"], ["1 request left out: the file ends inside it (record 3)"]]);
    const withoutLastSeparator = whole.slice(0, -separator.length);
    expect((await readText(withoutLastSeparator)).exchanges[0]?.outcome).toMatchObject({ kind: "answered", tookMs: 2 });
  });

  it("of several gzip members is read whole, whatever its name", async () => {
    const members = Buffer.concat(["a", "b", "c"].map((id) => gzipSync(requestRecord(id, "1000000"))));
    expect((await readText(members)).exchanges.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("with records that cannot be read is read without them, and refused when they are most", async () => {
    const bad = `1 x 5 0\nno request${separator}`;
    const { exchanges, leftOut } = await readText(requestRecord("a", "1") + bad + requestRecord("b", "2") + bad);
    expect(exchanges.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(leftOut).toContain("2 records that cannot be read left out (the first: record 2)");
    await expect(readText(requestRecord("a", "1") + bad + bad)).rejects.toMatchObject({
      code: "GOR_INVALID",
      message: expect.stringMatching(/2 of 3 records/),
    });
  });

  it("may end its lines with line feeds alone, in heads and chunks", async () => {
    const message = "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n2;x=y\nde\n0\nX-Sum: 5\n\n";
    const [exchange] = (await readText(requestRecord("a", "1", message))).exchanges;
    expect([bodyText(exchange, "request"), exchange?.request.trailers]).toEqual(["abcde", [["X-Sum", "5"]]]);
  });

  it("has answers without a body, whatever their Content-Length says", async () => {
    const answer = "2 a 2 0\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + separator;
    const head = await readText(requestRecord("a", "1", "HEAD / HTTP/1.1\r\n\r\n") + answer);
    const notModified = await readText(requestRecord("a", "1") + answer.replace("200 OK", "304 Not Modified"));
    for (const { exchanges, leftOut } of [head, notModified]) {
      expect([exchanges[0]?.outcome, leftOut]).toMatchObject([{ kind: "answered", answer: { body: noBody } }, []]);
    }
  });

  it("tells how long an answer took by its latency, else by its time", async () => {
    const answer = (latency: string): string => `2 a 6000000 ${latency}\nHTTP/1.1 200 OK\r\n\r\n${separator}`;
    const tookMs = async (latency: string): Promise<unknown> =>
      (await readText(requestRecord("a", "1000000") + answer(latency))).exchanges[0]?.outcome.tookMs;
    expect([await tookMs("2000000"), await tookMs("0"), await tookMs("-1")]).toEqual([2, 5, 5]);
  });

  it("does not care where its pieces end", async () => {
    const pieceBytes = 256 * 1024;
    const start = "1 a 1 0\nPOST / HTTP/1.1\r\nContent-Length: 262000\r\n\r\n".length;
    for (let offset = -2; offset <= Buffer.from(separator).length + 1; offset++) {
      const length = pieceBytes - start - offset;
      const first = requestRecord("a", "1", `POST / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\n${"x".repeat(length)}`);
      const { exchanges, leftOut } = await readText(first + requestRecord("b", "2"));
      expect([offset, exchanges.map(({ id }) => id), leftOut]).toEqual([offset, ["a", "b"], ["2 requests without an answer"]]);
    }
  });

  it("takes an answer after a hundred other requests, and does not wait for one for ever", async () => {
    const others = Array.from({ length: 100 }, (_, index) => requestRecord(`o${index}`, `${2_000_000 + index}`)).join("");
    const late = await readText(requestRecord("a", "1000000") + others + answerRecord("a", "3000000"));
    expect(late.exchanges.find(({ id }) => id === "a")?.outcome.kind).toBe("answered");
    const anHourLater = requestRecord("b", "3600000000000") + answerRecord("a", "3600000000001");
    const tooLate = await readText(requestRecord("a", "1000000") + anHourLater);
    expect(tooLate.leftOut).toEqual(["2 requests without an answer", "1 answer without a request left out (record 3)"]);
  });
});

/** Another reader, after GoReplay's documentation alone: records end with the separator, the first line has type, id and times. */
function independently(bytes: Buffer): { readonly type: string; readonly id: string; readonly at: bigint; readonly payload: string }[] {
  return bytes
    .toString("latin1")
    .split(Buffer.from(separator).toString("latin1"))
    .filter((block) => block !== "")
    .map((block) => {
      const [meta = "", ...payload] = block.split("\n");
      const [type = "", id = "", at = "0"] = meta.split(" ");
      return { type, id, at: BigInt(at), payload: payload.join("\n") };
    });
}

async function written(exchanges: readonly Exchange[]): Promise<{ readonly bytes: Buffer; readonly leftOut: readonly string[] }> {
  const tally = new Tally();
  const source = (async function* (): AsyncGenerator<Exchange> {
    yield* exchanges;
  })();
  const pieces = await Array.fromAsync(piecesOf("gor", source, tally));
  return { bytes: Buffer.concat(pieces.map((piece) => Buffer.from(piece))), leftOut: tally.sentences() };
}

const answered = (
  body: string,
  headers: readonly (readonly [string, string])[] = [["Content-Length", String(body.length)]],
): Exchange["outcome"] => ({
  kind: "answered",
  answer: { status: 200, reason: "OK", headers, body: body === "" ? noBody : text(body) },
  firstByteMs: milliseconds(2.5),
  tookMs: milliseconds(2.5),
});

describe("writing a GoReplay file", () => {
  it("is what another reader expects", async () => {
    const request = {
      ...plainExchange().request,
      method: "POST",
      headers: [
        ["Host", "shop"],
        ["Content-Length", "3"],
      ] as const,
      body: text("a=1"),
    };
    const { bytes, leftOut } = await written([
      plainExchange({ id: "x1", request, outcome: answered("fine") }),
      plainExchange({ id: "x2" }),
    ]);
    expect(leftOut).toEqual([]);
    expect(independently(bytes)).toEqual([
      { type: "1", id: "x1", at: 1763798400000125000n, payload: "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\na=1" },
      { type: "2", id: "x1", at: 1763798400002625000n, payload: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine" },
      { type: "1", id: "x2", at: 1763798400000125000n, payload: "GET / HTTP/1.1\r\nHost: shop\r\n\r\n" },
      { type: "2", id: "x2", at: 1763798400004225000n, payload: "HTTP/1.1 200 OK\r\n\r\n" },
    ]);
  });

  it("leaves out what would end a record early, or cannot be written whole, and counts it", async () => {
    const monkeys = plainExchange({ id: "m", outcome: answered(`a${separator}b`) });
    const capped = { kind: "capped", length: 9, sha256: "a".repeat(64), head: new Uint8Array(), tail: new Uint8Array() } as const;
    const unsent = plainExchange({ id: "c", request: { ...plainExchange().request, body: capped } });
    const injected = plainExchange({ id: "i", request: { ...plainExchange().request, target: "/ HTTP/1.1\r\nX: y\r\n\r\n" } });
    const monkeysAtEnd = plainExchange({ id: "e", outcome: answered(`a${separator.slice(0, -1)}`) });
    const bodyOfHead = plainExchange({ id: "h", request: { ...plainExchange().request, method: "HEAD" }, outcome: answered("none of it") });
    const wrongLength = plainExchange({ id: "w", outcome: answered("four", [["Content-Length", "99"]]) });
    const failed = plainExchange({ id: "f", outcome: { kind: "refused", tookMs: milliseconds(1) } });
    const { bytes, leftOut } = await written([monkeys, monkeysAtEnd, bodyOfHead, unsent, injected, failed, wrongLength]);
    expect(independently(bytes).map(({ type, id }) => `${type} ${id}`)).toEqual(["1 m", "1 e", "1 h", "1 f", "1 w", "2 w"]);
    expect(independently(bytes).at(-1)?.payload).toBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour");
    expect(leftOut).toEqual([
      "3 answers that this form cannot hold left out",
      "1 exchange whose request body was not kept whole left out",
      "1 exchange whose request this form cannot hold left out",
      "1 request without an answer written without the reason",
      "1 answer with a Content-Length set to what its body has",
    ]);
  });

  it("writes chunks and trailers where the fields say so", async () => {
    const outcome = answered("fine", [["Transfer-Encoding", "chunked"]]);
    const trailed =
      outcome.kind === "answered" ? { ...outcome, answer: { ...outcome.answer, trailers: [["X-Sum", "1"]] as const } } : outcome;
    const { bytes } = await written([plainExchange({ outcome: trailed })]);
    expect(independently(bytes)[1]?.payload).toBe(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\nX-Sum: 1\r\n\r\n",
    );
    expect((await readText(bytes)).exchanges[0]?.outcome).toEqual(
      expect.objectContaining({ answer: expect.objectContaining({ trailers: [["X-Sum", "1"]] }) }),
    );
  });

  it("brings back every message that it writes, whatever the exchange", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyGor, { maxLength: 4 }), async (exchanges) => {
        const unique = exchanges.map((exchange, index) => ({ ...exchange, id: `e${index}`, at: epochMs(1e12 + index) }));
        const { bytes } = await written(unique);
        if (bytes.length === 0) return;
        const read = (await readText(bytes)).exchanges;
        for (const exchange of read) {
          const before = unique.find(({ id }) => id === exchange.id);
          expect(requestOf(exchange)).toEqual(requestOf(before));
          expect(exchange.at).toBe(before?.at);
          // An answer that was left out is none.
          const told = exchange.outcome.kind === "answered" ? before : undefined;
          expect(answerOf(exchange)).toEqual(answerOf(told));
        }
        const records = independently(bytes).map(({ type }) => type);
        expect(read.length).toBe(records.filter((type) => type === "1").length);
        expect(read.filter(({ outcome }) => outcome.kind === "answered").length).toBe(records.filter((type) => type === "2").length);
      }),
      { numRuns: 200 },
    );
  });
});

/** Half of them as services send them, half with everything that has broken a codec. */
const usualHeaders = fc.array(fc.tuple(fc.constantFrom("Host", "Accept", "X-A"), fc.constantFrom("shop", "*/*", "é", "")), {
  maxLength: 3,
});
const anyGor: fc.Arbitrary<Exchange> = fc.oneof(
  anyExchange,
  fc.tuple(anyExchange, usualHeaders, fc.constantFrom("GET", "POST", "HEAD")).map(([exchange, headers, method]): Exchange => {
    const request = { ...exchange.request, method, target: "/a?b=1", version: "1.1", headers };
    const { outcome } = exchange;
    if (outcome.kind !== "answered") return { ...exchange, request };
    return { ...exchange, request, outcome: { ...outcome, answer: { ...outcome.answer, reason: "OK", headers } } };
  }),
);

/** What the form holds of a message, without what frames the body. */
function messageOf({ headers, body, trailers = [] }: Pick<Answer, "headers" | "body" | "trailers">): unknown {
  const fields = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  return plain({ fields, trailers, bytes: body.kind === "whole" ? body.bytes : new Uint8Array() });
}

function requestOf(exchange: Exchange | undefined): unknown {
  const request = exchange?.request;
  return request === undefined ? null : [request.method, request.target, messageOf(request)];
}

function answerOf(exchange: Exchange | undefined): unknown {
  if (exchange?.outcome.kind !== "answered") return null;
  const { answer } = exchange.outcome;
  return [answer.status, answer.reason, messageOf(answer)];
}
