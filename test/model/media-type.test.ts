import { describe, expect, it } from "vitest";
import { isJson, mediaTypeOf } from "../../model/media-type.ts";

const of = (value: string) => mediaTypeOf([["Content-Type", value]]);

describe("mediaTypeOf", () => {
  it("reads essence and charset in lower case, and keeps the parameters", () => {
    expect(of('Application/JSON; profile="a;b"; Charset="UTF-8"')).toEqual({
      essence: "application/json",
      charset: "utf-8",
      parameters: new Map([
        ["profile", "a;b"],
        ["charset", "UTF-8"],
      ]),
    });
  });

  it("takes utf8 for utf-8 and no charset for null", () => {
    expect([of("text/html;charset=utf8")?.charset, of("text/html")?.charset]).toEqual(["utf-8", null]);
  });

  it("is null without the header and for what is no media type", () => {
    expect([mediaTypeOf([]), of(""), of("json"), of("text/")]).toEqual([null, null, null, null]);
  });
});

describe("isJson", () => {
  it("knows application/json, text/json and the suffix", () => {
    expect(["application/json", "text/json", "application/problem+json", "application/x-ndjson", "text/html"].map(isJson)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
