/** The faults that are planted, one for every kind of difference that an answer can have, with where it shows. */

import type { DifferenceKind, Location } from "../../model/difference.ts";
import { type Draft, type Family, setHeader } from "./draft.ts";
import type { Change } from "./noise.ts";
import { hexDigits, uuid } from "./rolls.ts";

export interface Fault {
  readonly kind: DifferenceKind;
  readonly family: Family;
  readonly change: Change;
  /** Noise of equal builds at the same place; null where no service has any. */
  readonly noise: Change | null;
  /** Whether a difference there follows from the fault. Paths as in model/difference.ts. */
  readonly explains: (location: Location, path: string) => boolean;
}

type Explains = Fault["explains"];

const everywhere: Explains = () => true;
const inBody: Explains = (location) => location === "body";
const at =
  (wanted: Location, prefix: string): Explains =>
  (location, path) =>
    location === wanted && (path === prefix || path.startsWith(`${prefix}/`));
const eitherOf =
  (...all: readonly Explains[]): Explains =>
  (location, path) =>
    all.some((explains) => explains(location, path));
const matching =
  (pattern: RegExp): Explains =>
  (location, path) =>
    location === "body" && pattern.test(path);

const json = (kind: DifferenceKind, path: string, change: Change, noise: Change | null): Fault => ({
  kind,
  family: "json",
  change,
  noise,
  explains: at("body", path),
});
const header = (kind: DifferenceKind, name: string, change: Change, noise: Change | null): Fault => ({
  kind,
  family: "json",
  change,
  noise,
  explains: at("header", name),
});
const body = (kind: DifferenceKind, change: Change, family: Family = "json", noise: Change | null = null): Fault => ({
  kind,
  family,
  change,
  noise,
  explains: eitherOf(inBody, at("header", "content-type"), at("header", "content-encoding")),
});
const transport = (kind: DifferenceKind, failure: Draft["failure"]): Fault => ({
  kind,
  family: "json",
  change: (draft) => {
    draft.failure = failure;
  },
  noise: null,
  explains: everywhere,
});
const setField =
  (name: string, value: unknown): Change =>
  (draft) => {
    draft.json[name] = value;
  };
const dropField =
  (name: string): Change =>
  (draft) => {
    delete draft.json[name];
  };
const edited =
  (pattern: RegExp, replacement: string): Change =>
  (draft) => {
    draft.edits.push((text) => text.replace(pattern, replacement));
  };
const mapField =
  (name: string, map: (value: unknown) => unknown): Change =>
  (draft) => {
    draft.json[name] = map(draft.json[name]);
  };
const withoutCookieAttribute: Change = (draft) => {
  draft.headers = draft.headers.map(([name, value]) => [name, name === "set-cookie" ? value.replace("; HttpOnly", "") : value]);
};
const elementsOf = (draft: Draft, name: string): unknown[] => (Array.isArray(draft.json[name]) ? draft.json[name] : []);

export const faults: readonly Fault[] = [
  transport("transport.connect", "refused"),
  transport("transport.timeout", "timed-out"),
  transport("transport.reset", "reset"),
  transport("transport.truncated", "truncated"),
  transport("transport.framing", "not-http"),
  {
    kind: "status.class",
    family: "json",
    change: (draft) => {
      draft.status = 500;
      draft.json = { error: "internal error" };
    },
    noise: null,
    explains: everywhere,
  },
  {
    kind: "status.code",
    family: "json",
    change: (draft) => {
      draft.status = 203;
    },
    noise: null,
    explains: at("status", ""),
  },
  header(
    "header.missing",
    "x-api-version",
    (draft) => setHeader(draft, "x-api-version", null),
    (draft) => setHeader(draft, "x-api-version", null),
  ),
  header(
    "header.extra",
    "x-debug",
    (draft) => setHeader(draft, "x-debug", "on"),
    (draft) => setHeader(draft, "x-debug", "on"),
  ),
  header(
    "header.value",
    "x-api-version",
    (draft) => setHeader(draft, "x-api-version", "4"),
    (draft) => setHeader(draft, "x-api-version", "5"),
  ),
  header(
    "header.format",
    "x-build-id",
    (draft, random) => setHeader(draft, "x-build-id", uuid(random)),
    (draft, random) => setHeader(draft, "x-build-id", hexDigits(random, 12)),
  ),
  header("header.multiplicity", "x-tag", (draft) => draft.headers.push(["x-tag", "c"]), null),
  header("header.cookie-attribute", "set-cookie", withoutCookieAttribute, null),
  body("body.media-type", (draft) => setHeader(draft, "content-type", "text/plain; charset=utf-8")),
  body("body.charset", (draft) => setHeader(draft, "content-type", "application/json; charset=iso-8859-1")),
  body("body.encoding", (draft) => {
    draft.isCompressed = true;
    setHeader(draft, "content-encoding", "gzip");
  }),
  body("body.undecodable", (draft) => setHeader(draft, "content-encoding", "gzip")),
  body("body.unparseable", edited(/.{20}$/, "")),
  body("body.empty", edited(/^.*$/, "")),
  body("body.size", edited(/$/, "0000"), "bytes"),
  body("body.opaque", edited(/[0-9a-f]{4}$/, "zzzz"), "bytes", edited(/[0-9a-f]{4}$/, "yyyy")),
  json("json.missing", "/name", dropField("name"), dropField("name")),
  json("json.extra", "/debug", setField("debug", { ms: 3 }), setField("debug", { ms: 3 })),
  json("json.type", "/code", mapField("code", Number), setField("code", "7777")),
  json("json.null", "/nick", setField("nick", null), setField("nick", null)),
  json("json.value", "/colour", setField("colour", "green"), setField("colour", "blue")),
  json("json.number-lexeme", "/price", edited(/("price":\d+\.5)/, "$10"), setField("price", "«99.25»")),
  json("json.number-precision", "/serial", setField("serial", "«9007199254740992»"), setField("serial", "«9007199254741993»")),
  json(
    "json.format",
    "/ref",
    mapField("ref", (value) => String(value).replaceAll("-", "")),
    (draft, random) => {
      draft.json["ref"] = uuid(random);
    },
  ),
  json("json.constant", "/nonce", setField("nonce", "0b1c2d3e4f5a6b7c8d9e"), null),
  {
    ...json("json.duplicate-key", "", edited(/"active":true/, '"active":false,"active":true'), null),
    explains: eitherOf(matching(/^$/), at("body", "/active")),
  },
  json(
    "json.element-missing",
    "/lines",
    (draft) => elementsOf(draft, "lines").pop(),
    (draft) => elementsOf(draft, "lines").pop(),
  ),
  json(
    "json.element-extra",
    "/lines",
    (draft) => elementsOf(draft, "lines").push({ sku: "s9", quantity: 9 }),
    (draft) => elementsOf(draft, "lines").push({ sku: "s8", quantity: 8 }),
  ),
  json("json.element-count", "/tags", setField("tags", []), setField("tags", ["new"])),
  json(
    "json.order",
    "/tags",
    (draft) => elementsOf(draft, "tags").reverse(),
    (draft) => elementsOf(draft, "tags").reverse(),
  ),
  json(
    "json.reference",
    "/ownerId",
    mapField("ownerId", (value) => Number(value) + 1),
    null,
  ),
  json(
    "json.embedded",
    "/payload",
    mapField("payload", (value) => String(value).replace("round", "square")),
    mapField("payload", (value) => String(value).replace(/\d+/, "77")),
  ),
  { ...body("text.line", edited(/Author: the staff/, "Author: nobody"), "text", edited(/Read 17/, "Read 18")), explains: inBody },
  { ...body("text.block", edited(/paragraph/g, "section"), "text", edited(/Read 17/, "Read 18")), explains: inBody },
  {
    ...body("markup.element", edited(/<footer>Imprint<\/footer>/, ""), "markup", edited(/Seen often/, "Seen rarely")),
    explains: matching(/footer/),
  },
  {
    ...body("markup.attribute", edited(/"\/start"/, '"/home"'), "markup", edited(/"\/start"/, '"/begin"')),
    explains: matching(/\ba\b.*href/),
  },
  { ...body("markup.text", edited(/Welcome/, "Unwelcome"), "markup", edited(/Welcome/, "Hello")), explains: matching(/\bp\b/) },
  {
    kind: "latency.paired",
    family: "json",
    change: (draft) => {
      draft.tookMs *= 2;
    },
    noise: null,
    explains: (location) => location === "latency",
  },
  {
    kind: "latency.tail",
    family: "json",
    change: (draft, random) => {
      if (random.next() < 0.1) draft.tookMs *= 20;
    },
    noise: null,
    explains: (location) => location === "latency",
  },
];
