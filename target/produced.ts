/** What a recorded answer taught the client that later requests may use, under which keys those find it (link-keys.ts), and
 * what another answer has in its place. */

import { parseSetCookie } from "../model/cookies.ts";
import { type Answer, headerValues, isSafeMethod } from "../model/exchange.ts";
import type { AnswerReader, Scalar } from "./answer-reader.ts";
import { type AnswerTexts, type AnswerValue, readAt, type Sealed, valuesIn, valuesInCookie } from "./answer-values.ts";
import { splitPath } from "./collection.ts";
import { createdItems } from "./created-items.ts";
import { anyTarget, cookieKey, linkKeyOf, shownKeysOf, validatorKey, valueKey } from "./link-keys.ts";
import type { AnswerPlace, Produced } from "./produced-value.ts";
import type { RequestTemplate } from "./request-template.ts";
import { isSurprising } from "./surprise.ts";

/** More than any page of results has; the rest of an answer teaches nothing. */
const maxProduced = 2000;
/** Plain ids and links are followed out of answers about a few things; long lists are read, not acted on. */
const maxShown = 500;

/** The values that a recorded answer brought into the session. */
export function producedBy(template: RequestTemplate, reader: AnswerReader, lane: string, sealed: Sealed): Produced[] {
  return [
    ...cookies(template, reader.answer, lane),
    ...createdItems(template, reader),
    ...validators(template, reader),
    ...shownValues(template, reader, lane, sealed),
  ];
}

/** The value that a target's answer has at the place of a produced one. `sentCookie`: the cookie of that name which the
 * target was sent; a client keeps it when the answer does not set another. */
export function actualOf(
  produced: Produced,
  actual: AnswerTexts,
  recorded: AnswerTexts,
  sentCookie: (name: string) => string | null,
): Scalar | null {
  const { at, recordedType } = produced;
  const { reader } = actual;
  const asRecorded = (text: string | null | undefined): Scalar | null =>
    text === null || text === undefined || text === "" ? null : { text, type: recordedType };
  switch (at.kind) {
    case "created": {
      if (!reader.succeeded) return null;
      return reader.at(at.path) ?? reader.identities(at.collection)[0]?.scalar ?? asRecorded(reader.locationItem);
    }
    case "location-item": {
      if (reader.answer.status >= 400 || leadsElsewhere(reader, at.collection)) return null;
      return asRecorded(reader.locationItem) ?? reader.identities(at.collection)[0]?.scalar ?? null;
    }
    case "cookie":
      return asRecorded(reader.cookie(at.name) ?? sentCookie(at.name));
    case "header":
      return asRecorded(reader.header(at.name));
    case "json":
    case "page":
    case "text":
    case "part": {
      const scalar = readAt(at, reader);
      return scalar === null || movedElsewhere(produced, scalar.text, recorded, actual) ? null : scalar;
    }
    default:
      return at satisfies never;
  }
}

/** A redirect to another kind of page names no item. */
function leadsElsewhere({ answer, locationPath }: AnswerReader, collection: string): boolean {
  return answer.status >= 300 && splitPath(locationPath ?? "").parent.split("/").length !== collection.split("/").length;
}

/** Two lists of the same things in another order are no evidence that one thing became another. Plain ids are told from
 * other numbers by their names. */
function movedElsewhere({ recorded: text, at, where }: Produced, actual: string, from: AnswerTexts, to: AnswerTexts): boolean {
  if (text === actual || !isOfBody(at)) return false;
  return where === null ? from.holds(actual) || to.holds(text) : from.holdsNamed(where, actual) || to.holdsNamed(where, text);
}

function isOfBody(at: AnswerPlace): boolean {
  return at.kind === "part" ? isOfBody(at.of) : at.kind === "json" || at.kind === "page";
}

function cookies(template: RequestTemplate, answer: Answer, lane: string): Produced[] {
  return headerValues(answer.headers, "set-cookie")
    .map(parseSetCookie)
    .filter(
      ({ name, value }) =>
        value !== "" && !template.places.some(({ where, value: sent }) => where.kind === "cookie" && where.name === name && sent === value),
    )
    .map(({ name, value }) => ({
      keys: isSurprising(value) ? [cookieKey(name, value, lane), valueKey(value)] : [cookieKey(name, value, lane)],
      recorded: value,
      recordedType: "string",
      at: { kind: "cookie", name },
      policy: "newest",
      created: true,
      where: null,
    }));
}

/** Of the item that the request or the Location of its answer is about. After a write the client has no other. */
function validators(template: RequestTemplate, reader: AnswerReader): Produced[] {
  if (!reader.succeeded && reader.answer.status !== 304) return [];
  const targets = [template.request.target, ...(reader.locationPath === null ? [] : [reader.locationPath])];
  return ["etag", "last-modified"].flatMap((name): Produced[] => {
    const value = reader.header(name);
    if (value === null) return [];
    const tag = /"([^"]+)"$/.exec(value)?.[1] ?? "";
    const known = isSurprising(tag) ? [...targets, anyTarget] : targets;
    const keys = [...known.map((target) => validatorKey(name, target, value)), ...(isSurprising(tag) ? [valueKey(tag)] : [])];
    const created = !isSafeMethod(template.request.method);
    return [{ keys, recorded: value, recordedType: "string", at: { kind: "header", name }, policy: "newest", created, where: null }];
  });
}

/** Values that surprise, wherever they stand; plain ids with a name; parts of links. */
function shownValues(template: RequestTemplate, reader: AnswerReader, lane: string, sealed: Sealed): Produced[] {
  const created = !isSafeMethod(template.request.method) && reader.succeeded;
  const surprising: Produced[] = [];
  const plain: Produced[] = [];
  for (const { at, place, type, link } of allValues(reader, sealed)) {
    const value = { recorded: place.value, recordedType: type, at };
    if (surprising.length >= maxProduced) break;
    if (isSurprising(place.value)) {
      if (template.holds(place.value)) continue;
      surprising.push({ ...value, keys: [valueKey(place.value)], policy: "first", created, where: null });
    } else if (plain.length < maxShown) {
      const keys = shownKeysOf(place, lane);
      const linkKey = link === null ? null : linkKeyOf(place, link);
      const common = { ...value, created: false, where: place.where };
      if (keys.length > 0 && !template.names(place)) plain.push({ ...common, keys, policy: "shown" });
      if (linkKey !== null) plain.push({ ...common, keys: [linkKey], policy: "linked" });
    }
  }
  return [...surprising, ...plain];
}

function* allValues(reader: AnswerReader, sealed: Sealed): Generator<AnswerValue> {
  for (const line of headerValues(reader.answer.headers, "set-cookie")) {
    const { name, value } = parseSetCookie(line);
    yield* valuesInCookie(name, value, sealed);
  }
  yield* valuesIn(reader, sealed);
}
