/** The rules of HTTP/1.1 message framing, one by one, as the scan reads them: a table by section, each case cut at every byte.
 * Where a rule leaves a choice (MAY) or recipients are known to differ, the scan stops. */

import { describe, expect, it } from "vitest";
import { type AnswerContext } from "../../../proxy/live/framing.ts";
import { everyCut, type FramingLog, scanAnswers, scanRequests } from "./framing-log.ts";

/** Body of each message that was found, "…" after one that is not whole, and at last why the scan stopped. */
type Read = readonly string[];
type RequestRule = readonly [section: string, rule: string, bytes: string, read: Read];
type AnswerRule = readonly [section: string, rule: string, bytes: string, read: Read, contexts?: readonly AnswerContext[]];

const stops = "ambiguous_framing";
const post = "POST / HTTP/1.1\r\n";
const ok = "HTTP/1.1 200 OK\r\n";
const next = "GET /next HTTP/1.1\r\n\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";

const requestRules: readonly RequestRule[] = [
  ["9112 §2.2", "empty lines before a request are skipped", `\r\n\r\n${next}\r\n${next}`, ["", ""]],
  ["9112 §2.2", "a bare LF ends no line for sure", `POST / HTTP/1.1\nContent-Length: 1\n\na`, [stops]],
  ["9112 §2.2", "a bare CR is invalid", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", [stops]],
  ["9112 §2.2", "white space before the first field is refused", "GET / HTTP/1.1\r\n A: b\r\n\r\n", [stops]],
  ["9112 §2.3", "the version is HTTP/1.0 or HTTP/1.1", "GET / HTTP/1.2\r\n\r\n", [stops]],
  ["9112 §2.3", "the version is case-sensitive", "GET / http/1.1\r\n\r\n", [stops]],
  ["9112 §2.3", "there is always a version", "GET /\r\n\r\n", [stops]],
  ["9112 §3", "single spaces part the request line", "GET  / HTTP/1.1\r\n\r\n", [stops]],
  ["9112 §3", "nothing follows the version", "GET / HTTP/1.1 \r\n\r\n", [stops]],
  ["9112 §3.1", "a method is any token, with case", `head / HTTP/1.1\r\nContent-Length: 1\r\n\r\na${next}`, ["a", ""]],
  ["9112 §3.2", "a target has no white space", "GET /a b HTTP/1.1\r\n\r\n", [stops]],
  ["9112 §3.2", "every form of target is read", `OPTIONS * HTTP/1.1\r\n\r\nGET http://a/ HTTP/1.1\r\n\r\n${next}`, ["", "", ""]],
  ["9112 §5", "no white space before a colon", "GET / HTTP/1.1\r\nContent-Length : 1\r\n\r\na", [stops]],
  ["9112 §5", "white space around a value is not part of it", `${post}Content-Length: \t 1 \t\r\n\r\na${next}`, ["a", ""]],
  ["9112 §5", "a value may be empty", `GET / HTTP/1.1\r\nA:\r\nB: \r\n\r\n${next}`, ["", ""]],
  ["9112 §5.2", "a folded line is refused", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", [stops]],
  ["9110 §5.5", "no NUL, CR or LF in a value", "GET / HTTP/1.1\r\nA: \0\r\n\r\n", [stops]],
  ["9112 §6.1", "chunked, in any case, is read", `${post}transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n${next}`, ["", ""]],
  ["9112 §6.1", "no Transfer-Encoding in HTTP/1.0", `POST / HTTP/1.0\r\n${chunked}\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.1", "not with Content-Length", `${post}${chunked}Content-Length: 5\r\n\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.1", "chunked is applied once", `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.1", "chunked is not said twice", `${post}${chunked}${chunked}\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.3 (4)", "a request whose last coding is not chunked has no sure end", `${post}Transfer-Encoding: gzip\r\n\r\n`, [stops]],
  ["9112 §6.1", "codings before chunked are not read by all", `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, [stops]],
  ["9110 §8.6", "a length is digits", `${post}Content-Length: +1\r\n\r\na`, [stops]],
  ["9110 §8.6", "a length may begin with zeros", `${post}Content-Length: 001\r\n\r\na${next}`, ["a", ""]],
  ["9110 §8.6", "a length is not empty", `${post}Content-Length:\r\n\r\n`, [stops]],
  ["9110 §8.6", "a length is an exact integer", `${post}Content-Length: 9007199254740993\r\n\r\n`, [stops]],
  ["9110 §8.6", "a list of equal lengths is not read by all", `${post}Content-Length: 1, 1\r\n\r\na`, [stops]],
  ["9112 §6.3 (5)", "two lengths are refused", `${post}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, [stops]],
  ["9112 §6.3 (5)", "even when they are equal", `${post}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`, [stops]],
  ["9112 §6.3 (6)", "Content-Length counts the body", `${post}Content-Length: 3\r\n\r\nabc${next}`, ["abc", ""]],
  ["9112 §6.3 (6)", "a body that is shorter is not whole", `${post}Content-Length: 3\r\n\r\nab`, ["ab…"]],
  ["9112 §6.3 (7)", "a request without either has no body", `POST / HTTP/1.1\r\nHost: a\r\n\r\n${next}`, ["", ""]],
  [
    "9112 §7.1",
    "sizes are hexadecimal, in any case",
    `${post}${chunked}\r\n1\r\na\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n`,
    ["a01234567890123456789"],
  ],
  ["9112 §7.1", "sizes may begin with zeros", `${post}${chunked}\r\n0001\r\na\r\n000\r\n\r\n${next}`, ["a", ""]],
  ["9112 §7.1", "a size is not empty", `${post}${chunked}\r\n\r\na\r\n0\r\n\r\n`, [`…`, stops]],
  ["9112 §7.1", "a size is an exact integer", `${post}${chunked}\r\nfffffffffffffff\r\n`, ["…", stops]],
  ["9112 §7.1", "nothing stands before or after a size", `${post}${chunked}\r\n1 \r\na\r\n0\r\n\r\n`, ["…", stops]],
  ["9112 §7.1", "a chunk ends with CRLF", `${post}${chunked}\r\n1\r\naX\r\n0\r\n\r\n`, ["a…", stops]],
  ["9112 §7.1", "and not with LF after anything else", `${post}${chunked}\r\n1\r\naX\n0\r\n\r\n`, ["a…", stops]],
  [
    "9112 §7.1.1",
    "extensions are skipped, quoted ones too",
    `${post}${chunked}\r\n1;a;b=c;d="\\";\t\\\\"\r\nx\r\n0;e\r\n\r\n${next}`,
    ["x", ""],
  ],
  ["9112 §7.1.1", "nothing follows a quoted value", `${post}${chunked}\r\n1;a="b"c\r\nx\r\n0\r\n\r\n`, ["…", stops]],
  ["9112 §7.1.1", "a quoted extension holds no line end", `${post}${chunked}\r\n1;a="\r\nx\r\n0\r\n\r\n`, ["…", stops]],
  ["9112 §7.1.1", "white space in extensions is bad, and not read by all", `${post}${chunked}\r\n1 ;a\r\nx\r\n0\r\n\r\n`, ["…", stops]],
  ["9112 §7.1.1", "an extension line ends with CRLF", `${post}${chunked}\r\n1;a\nx\r\n0\r\n\r\n`, ["…", stops]],
  ["9112 §7.1.2", "trailers follow the last chunk", `${post}${chunked}\r\n0\r\nA: b\r\nC: d\r\n\r\n${next}`, ["+A: b|C: d|", ""]],
  [
    "9112 §7.1.2",
    "trailers frame nothing",
    `${post}${chunked}\r\n0\r\nContent-Length: 9\r\n${chunked}\r\n${next}`,
    [`+Content-Length: 9|${chunked.trimEnd()}|`, ""],
  ],
  ["9112 §7.1.2", "trailers are fields", `${post}${chunked}\r\n0\r\nA: b\nC: d\r\n\r\n`, ["…", stops]],
  ["9112 §8", "chunks without the last one are not whole", `${post}${chunked}\r\n1\r\na\r\n`, ["a…"]],
  ["9112 §8", "trailers without their end are not whole", `${post}${chunked}\r\n0\r\nA: b\r\n`, ["…"]],
  ["9112 §9.3", "HTTP/1.1 goes on", `GET / HTTP/1.1\r\n\r\n${next}`, ["", ""]],
  [
    "9112 §9.3",
    "HTTP/1.1 goes on, whatever other options say",
    `GET / HTTP/1.1\r\nConnection: x\r\nProxy-Connection: close\r\n\r\n${next}`,
    ["", ""],
  ],
  ["9112 §9.3", "HTTP/1.0 does not", `GET / HTTP/1.0\r\n\r\n${next}`, ["", stops]],
  ["9112 §9.3", "HTTP/1.0 does with keep-alive", `GET / HTTP/1.0\r\nConnection: a, Keep-Alive\r\n\r\n${next}`, ["", ""]],
  [
    "9112 §9.6",
    "nothing after close, in any case and place",
    `GET / HTTP/1.1\r\nConnection: keep-alive, CLOSE\r\n\r\n${next}`,
    ["", stops],
  ],
  ["9112 §9.6", "close may stand in a second field", `GET / HTTP/1.1\r\nConnection: a\r\nConnection: close\r\n\r\n${next}`, ["", stops]],
  ["9112 §9.6", "close may be followed by empty lines", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n\r\n", [""]],
  [
    "9110 §7.8",
    "nothing can be read after a request for another protocol",
    `GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n${next}`,
    ["", stops],
  ],
  ["9110 §7.8", "Upgrade counts with Connection: upgrade only", `GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n${next}`, ["", ""]],
  ["9110 §9.3.6", "nothing can be read after CONNECT", `CONNECT a:1 HTTP/1.1\r\n\r\n${next}`, ["", stops]],
  ["9110 §9.3.6", "CONNECT has no content", "CONNECT a:1 HTTP/1.1\r\nContent-Length: 1\r\n\r\na", [stops]],
  ["9110 §9.3.6", "a length of 0 is none", "CONNECT a:1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n", [""]],
  ["9110 §10.1.1", "Expect changes no framing", `${post}Expect: 100-continue\r\nContent-Length: 1\r\n\r\na${next}`, ["a", ""]],
  ["9113 §3.4", "the preface of HTTP/2 is another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ["http2"]],
  ["9113 §3.4", "but only at the beginning", `${next}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, ["", stops]],
];

const hi = "Content-Length: 2\r\n\r\nhi";
const two = (first: string): string => `${first}${ok}${hi}`;

const answerRules: readonly AnswerRule[] = [
  [
    "9112 §4",
    "a reason may be empty, or left out with its space",
    two("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"),
    ["", "", "hi"],
  ],
  ["9112 §4", "a status has three digits", "HTTP/1.1 20 OK\r\n\r\n", [stops]],
  ["9112 §4", "and no more", "HTTP/1.1 2000 OK\r\n\r\n", [stops]],
  ["9110 §15", "a status is 100 or more", "HTTP/1.1 099 OK\r\n\r\n", [stops]],
  ["9112 §6.3 (1)", "an answer to HEAD has no body", two(`${ok}Content-Length: 9\r\n\r\n`), ["", "hi"], ["to-head", "ordinary"]],
  ["9112 §6.3 (1)", "nor any chunks", two(`${ok}${chunked}\r\n`), ["", "hi"], ["to-head", "ordinary"]],
  ["9112 §6.3 (1)", "204 has no body", two("HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n"), ["", "hi"]],
  ["9112 §6.3 (1)", "304 has no body", two(`HTTP/1.1 304 Same\r\n${chunked}\r\n`), ["", "hi"]],
  ["9112 §6.3 (1)", "1xx have no body", two("HTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n"), ["hi"]],
  ["9110 §15.2", "any number of 1xx may come first", two("HTTP/1.1 100 Go\r\n\r\n".repeat(5)), ["hi"]],
  ["9110 §15.2", "but not to nothing", "HTTP/1.1 100 Go\r\n\r\n", [stops], [null]],
  ["9112 §6.3 (2)", "2xx to CONNECT opens a tunnel, whatever it says", `${ok}Content-Length: 2\r\n\r\nhi`, ["", "tunnel"], ["to-connect"]],
  ["9112 §6.3 (2)", "another answer to CONNECT does not", `HTTP/1.1 403 No\r\n${hi}`, ["hi"], ["to-connect"]],
  ["9110 §7.8", "101 opens a tunnel", "HTTP/1.1 101 Other\r\nUpgrade: x\r\n\r\n\x81\x00", ["", "tunnel"], ["to-upgrade"]],
  ["9110 §7.8", "101 to nobody who asked is refused", "HTTP/1.1 101 Other\r\nUpgrade: x\r\n\r\n", [stops]],
  ["9110 §7.8", "another answer to Upgrade goes on", two(`${ok}${hi}`), ["hi", "hi"], ["to-upgrade", "ordinary"]],
  ["9112 §6.1", "no Transfer-Encoding in HTTP/1.0", `HTTP/1.0 200 OK\r\n${chunked}\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.3 (3)", "not with Content-Length", `${ok}${chunked}Content-Length: 2\r\n\r\n0\r\n\r\n`, [stops]],
  ["9112 §6.3 (4)", "codings besides chunked are not read by all", `${ok}Transfer-Encoding: gzip\r\n\r\nabc`, [stops]],
  ["9112 §6.3 (5)", "two lengths are refused", `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, [stops]],
  ["9112 §6.3 (6)", "Content-Length counts the body", two(`${ok}Content-Length: 3\r\n\r\nabc`), ["abc", "hi"]],
  ["9112 §6.3 (6)", "a body that is shorter is not whole", `${ok}Content-Length: 3\r\n\r\nab`, ["ab…"]],
  ["9112 §6.3 (8)", "without either the body lasts until the end", `${ok}\r\nabc${ok}${hi}`, [`abc${ok}${hi}`]],
  ["9112 §7.1", "chunks are read", two(`${ok}${chunked}\r\n1;a=b\r\nx\r\n0\r\nA: b\r\n\r\n`), ["x+A: b|", "hi"]],
  ["9112 §8", "chunks without the last one are not whole", `${ok}${chunked}\r\n1\r\na\r\n`, ["a…"]],
  ["9112 §9.3", "nothing after an answer of HTTP/1.0", two(`HTTP/1.0 200 OK\r\n${hi}`), ["hi", stops]],
  ["9112 §9.3", "but after one with keep-alive", two(`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${hi}`), ["hi", "hi"]],
  ["9112 §9.6", "nothing after close", two(`${ok}Connection: close\r\n${hi}`), ["hi", stops]],
  ["9112 §9.3.2", "nothing that was not asked for", two(`${ok}${hi}`), ["hi", stops], ["ordinary", null]],
];

function readOf({ messages, stopped }: FramingLog): Read {
  const bodies = messages.map(({ body, trailers, complete }) => {
    const fields = trailers === "" ? "" : `+${trailers.slice(0, -2).replaceAll("\r\n", "|")}`;
    return `${body}${fields}${complete ? "" : "…"}`;
  });
  return stopped === null ? bodies : [...bodies, stopped];
}

describe("the request scan", () => {
  it.each(requestRules)("keeps RFC %s: %s", (_section, _rule, text, read) => {
    const bytes = Buffer.from(text, "latin1");
    expect(readOf(scanRequests([bytes]))).toEqual(read);
    for (const pieces of everyCut(bytes)) expect(readOf(scanRequests(pieces))).toEqual(read);
  });
});

describe("the answer scan", () => {
  it.each(answerRules.map((rule) => [rule[0], rule[1], rule] as const))("keeps RFC %s: %s", (_section, _name, rule) => {
    const [, , text, read, contexts = ["ordinary"]] = rule;
    const bytes = Buffer.from(text, "latin1");
    expect(readOf(scanAnswers([bytes], contexts))).toEqual(read);
    for (const pieces of everyCut(bytes)) expect(readOf(scanAnswers(pieces, contexts))).toEqual(read);
  });
});
