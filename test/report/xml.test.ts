import { parseXml } from "@rgrove/parse-xml";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { xmlAttribute, xmlText } from "../../report/xml.ts";
import { hostileText } from "./arbitrary-report.ts";
import { logCommandsIn } from "./readers/log-commands.ts";

/** What XML 1.0 can hold of a text (§2.2). */
const legal = (text: string): string => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "");

describe("text in XML", () => {
  it("comes back out of a parser as it was, but for characters that XML has none for", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (value, text) => {
        const document = `<a b="${xmlAttribute(value)}">${xmlText(text)}</a>`;
        const { root } = parseXml(document);
        expect([root?.attributes["b"], root?.text]).toEqual([legal(value), legal(text)]);
      }),
      { numRuns: 1000 },
    );
  });

  it("holds no command for a CI server that reads the file in a log", () => {
    fc.assert(
      fc.property(hostileText, (text) => logCommandsIn(`${xmlText(text)}\n${xmlAttribute(text)}`).length === 0),
      { numRuns: 1000 },
    );
  });
});
