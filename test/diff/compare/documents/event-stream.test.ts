import { describe, expect, it } from "vitest";
import { readEventStream } from "../../../../diff/compare/documents/event-stream.ts";
import { compare, found, text } from "../answers.ts";
import { limits, shown } from "./show.ts";

const read = (stream: string) => shown(readEventStream(stream, limits));
const differing = (left: string, right: string) => found(text(left, "text/event-stream"), text(right, "text/event-stream"));

describe("readEventStream", () => {
  it("reads events by the rules of the field names", () => {
    expect(read('id: 7\nevent: price\ndata: {"eur": 12}\n\ndata:a\ndata: b\ndata\n\nretry: 3\n\n')).toBe(
      '{"events":[{"id":"7","event":"price","data":{"eur":12}},{"data":"a\\nb\\n"},{"retry":"3"}]}',
    );
  });

  it("takes no notice of comments, line ends, a byte order mark and unknown fields", () => {
    expect(read("\ufeff: hello\r\ndata: a\r\rdata: b\nfoo: bar\n\n\n\n")).toBe('{"events":[{"data":"a"},{"data":"b"}]}');
  });

  it("keeps what is no JSON document as text, and an event that was cut off", () => {
    expect(read('data: [DONE]\n\ndata: 5\n\ndata: {"a":')).toBe('{"events":[{"data":"[DONE]"},{"data":"5"},{"data":"{\\"a\\":"}]}');
  });

  it("reads no more events than the budget holds", () => {
    expect(read("data: a\n\n".repeat(501))).toBe("over nodes");
    expect(read("data: a\n\n".repeat(500))).toContain("events");
    expect(read(`data: [${"1,".repeat(990)}1]\n\ndata: [1,2,3,4,5,6,7,8,9,10]\n\n`)).toBe("over nodes");
  });
});

describe("event streams", () => {
  const stream = (...values: unknown[]) => values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join("");

  it("are compared by event", () => {
    expect(differing(stream({ n: 1, s: "a" }, { n: 2, s: "b" }), stream({ n: 1, s: "a" }, { n: 2, s: null }))).toEqual([
      "/events/*/data/s json.null type string→null",
    ]);
    expect(differing(stream("a", "b", "c"), stream("a", "c"))).toEqual([
      "/events json.element-count value fewer",
      "/events/* json.element-missing presence present→absent",
    ]);
    expect(differing("event: a\ndata: 1\n\n", "event: b\ndata: 1\n\n")).toEqual(["/events/*/event json.value value a→b"]);
  });

  it("are equal whatever keeps the connection alive and however data is written", () => {
    expect(differing(': ping\n\ndata: {"a":1,"b":2}\n\n', 'data: {"b":2,\ndata: "a":1}\r\n\r\n: pong\r\n')).toEqual([]);
  });

  it("count each leaf of each event when they are equal", () => {
    const answer = text(stream({ n: 1 }, { n: 2 }), "text/event-stream");
    expect(compare(answer, answer).leaves).toEqual({ byValue: 4, byFormat: 0, untested: 0 });
  });
});
