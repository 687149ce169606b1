/** The comment on a pull request: one for all runs, found by its marker, whatever else stands there. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Service, startService } from "../support/service.ts";

const scratch = mkdtempSync(join(tmpdir(), "penumbra-comment-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Comment {
  readonly id: string;
  body: string;
  readonly viewerDidAuthor: boolean;
}

interface Asked {
  readonly query: string;
  readonly variables: Readonly<Record<string, string | number | null>>;
}

/** As GitHub's GraphQL interface answers about one pull request, two comments a page, and one that it does not
 * show to us. */
class Forge {
  readonly comments: Comment[];
  /** Which pull request was asked about, and which was written to. */
  readonly asked = new Set<string>();
  readonly tokens = new Set<string | undefined>();
  refusal: string | null = null;

  constructor(...comments: readonly Comment[]) {
    this.comments = [...comments];
  }

  start(): Promise<Service> {
    return startService((request, response, body) => {
      this.tokens.add(request.headers.authorization);
      const errors = this.refusal === null ? {} : { errors: [{ message: this.refusal }] };
      response.end(JSON.stringify({ data: this.refusal === null ? this.#answer(JSON.parse(body) as Asked) : null, ...errors }));
    });
  }

  #answer({ query, variables }: Asked): unknown {
    const { id, body, after } = variables;
    if (query.includes("updateIssueComment")) {
      const found = this.comments.find((each) => each.id === id);
      if (found !== undefined) found.body = String(body);
      return {};
    }
    if (query.includes("addComment")) {
      this.asked.add(String(id));
      this.comments.push({ id: `C_${this.comments.length}`, body: String(body), viewerDidAuthor: true });
      return {};
    }
    this.asked.add(`${variables["owner"]}/${variables["name"]} ${variables["number"]}`);
    const from = Number(after ?? 0);
    const page = { hasNextPage: from + 2 < this.comments.length, endCursor: String(from + 2) };
    return {
      repository: { pullRequest: { id: "PR_7", comments: { nodes: [null, ...this.comments.slice(from, from + 2)], pageInfo: page } } },
    };
  }
}

async function comment(forge: Forge, text: string, number = "7"): Promise<readonly [number | null, string]> {
  const service = await forge.start();
  const report = join(scratch, "report.md");
  writeFileSync(report, text);
  const env = { ...process.env, GITHUB_GRAPHQL_URL: service.url, GITHUB_REPOSITORY: "shop/orders", GITHUB_TOKEN: "a-token" };
  const child = spawn(process.execPath, ["deploy/github/comment.ts", report, number], { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  await service.close();
  return [code, said];
}

const marker = "<!-- penumbra-report -->";

describe("the comment with the report", () => {
  it("is made once, and replaced by the next run, although the same user wrote something after it", async () => {
    const forge = new Forge({ id: "A", body: "looks fine", viewerDidAuthor: false });
    expect(await comment(forge, `${marker}\none`)).toEqual([0, ""]);
    forge.comments.push({ id: "B", body: "the build is ready", viewerDidAuthor: true });
    expect(await comment(forge, `${marker}\ntwo`)).toEqual([0, ""]);
    expect(forge.comments.map(({ body }) => body)).toEqual(["looks fine", `${marker}\ntwo`, "the build is ready"]);
    expect([...forge.tokens]).toEqual(["bearer a-token"]);
    expect([...forge.asked]).toEqual(["shop/orders 7", "PR_7"]);
  });

  it("is never one that somebody else wrote, whatever it begins with", async () => {
    const forge = new Forge({ id: "A", body: `${marker}\nmine`, viewerDidAuthor: false });
    await comment(forge, `${marker}\none`);
    expect(forge.comments.map(({ body }) => body)).toEqual([`${marker}\nmine`, `${marker}\none`]);
  });

  it("that may not be written is a warning of the job in one line", async () => {
    const forge = new Forge();
    forge.refusal = "Resource not accessible\nby integration";
    const [code, said] = await comment(forge, `${marker}\none`);
    expect([code, said.trimEnd().split("\n").length]).toEqual([2, 1]);
    expect(said).toMatch(/^::warning::.*not accessible by integration; the token needs pull-requests: write/);
    expect((await comment(forge, "no report"))[1]).toMatch(/is no report/);
    expect((await comment(forge, `${marker}\none`, ""))[1]).toMatch(/is no number of a pull request/);
  });
});
