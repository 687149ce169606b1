/** What counts as a mention, so that the check of the documents can fail. */

import { describe, expect, it } from "vitest";
import { DocumentMentions } from "./docs-mentions.ts";

const mentionsIn = (markdown: string): DocumentMentions => new DocumentMentions(markdown, ["model", "docs"]);

describe("the mentions in a document", () => {
  it("are links into the repository, not addresses", () => {
    const { links } = mentionsIn("[a](docs/a.md#part) [b](https://example.com/b) ![c](picture.svg) [d](#here)");
    expect(links).toEqual(["docs/a.md#part", "picture.svg"]);
  });

  it("are paths in inline code, not media types, fractions or paths of requests", () => {
    const { paths } = mentionsIn("`model/clock.ts` `model/` `gone/file.ts` `text/html` `1/2` `/items/7` `../outside.ts` `docs/*.md`");
    expect(paths).toEqual(["model/clock.ts", "model/", "gone/file.ts", "docs/*.md"]);
  });

  it("are commands in inline code and in blocks of shell", () => {
    const markdown =
      "Run `npm test`.\n\n```sh\n$ penumbra replay a.rec \\\n    --seed 1   # comment\nnpm run build && penumbra --help | less\ncurl x\n```\n";
    expect(mentionsIn(markdown).commands).toEqual([
      ["penumbra", "replay", "a.rec", "--seed", "1"],
      ["npm", "run", "build"],
      ["penumbra", "--help"],
      ["npm", "test"],
    ]);
  });

  it("are not what blocks in other languages hold", () => {
    expect(mentionsIn("```json\npenumbra gone\n```\n").commands).toEqual([]);
  });
});
