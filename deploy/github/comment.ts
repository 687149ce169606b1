/** Puts the Markdown report into a comment on a pull request. The next run finds it again by the marker with which the report begins,
 * and replaces it, whatever else the same user has written there meanwhile.
 *
 *    node deploy/github/comment.ts REPORT.md NUMBER      with GITHUB_TOKEN, GITHUB_REPOSITORY and GITHUB_GRAPHQL_URL
 *
 * Exit code 2 with one line, as a warning of the job, where it cannot. */

import { readFileSync } from "node:fs";
import { z } from "zod";
import { markdownMarker } from "../../report/markdown.ts";

const limitMs = 30_000;

const findComment = `query ($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id
      comments(first: 100, after: $after) { nodes { id body viewerDidAuthor } pageInfo { hasNextPage endCursor } }
    }
  }
}`;
const update = "mutation ($id: ID!, $body: String!) { updateIssueComment(input: { id: $id, body: $body }) { clientMutationId } }";
const add = "mutation ($id: ID!, $body: String!) { addComment(input: { subjectId: $id, body: $body }) { clientMutationId } }";

const found = z.object({
  repository: z.object({
    pullRequest: z.object({
      id: z.string(),
      comments: z.object({
        nodes: z.array(z.object({ id: z.string(), body: z.string(), viewerDidAuthor: z.boolean() }).nullable()),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  }),
});
const answered = z.object({ data: z.unknown().optional(), errors: z.array(z.object({ message: z.string() })).optional() });

/** @throws Error in one line */
async function comment(reportFile: string, number: number): Promise<void> {
  const [owner = "", name = ""] = variable("GITHUB_REPOSITORY").split("/");
  const body = readFileSync(reportFile, "utf8");
  if (!body.startsWith(markdownMarker)) throw new Error(`${reportFile} is no report: write one with --report markdown=${reportFile}`);
  let after: string | null = null;
  do {
    const { id, comments } = await pageOf({ owner, name, number, after });
    const last = comments.nodes.find((each) => each?.viewerDidAuthor === true && each.body.startsWith(markdownMarker));
    const { hasNextPage, endCursor } = comments.pageInfo;
    if (last?.id !== undefined) return void (await ask(update, { id: last.id, body }));
    if (!hasNextPage) return void (await ask(add, { id, body }));
    after = endCursor;
  } while (after !== null);
  throw new Error("GitHub's list of comments broke off");
}

async function pageOf(variables: Readonly<Record<string, unknown>>): Promise<z.infer<typeof found>["repository"]["pullRequest"]> {
  return found.parse(await ask(findComment, variables)).repository.pullRequest;
}

async function ask(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer = await fetch(variable("GITHUB_GRAPHQL_URL"), {
    method: "POST",
    headers: { authorization: `bearer ${variable("GITHUB_TOKEN")}`, "content-type": "application/json", "user-agent": "penumbra" },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(limitMs),
  });
  if (!answer.ok) throw new Error(`GitHub answered ${answer.status}`);
  const { data, errors = [] } = answered.parse(await answer.json());
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join(", "));
  return data;
}

function variable(name: string): string {
  const value = process.env[name] ?? "";
  if (value === "") throw new Error(`${name} is not set`);
  return value;
}

try {
  const [reportFile = "", number = ""] = process.argv.slice(2);
  if (!/^[1-9]\d*$/.test(number)) throw new Error(`"${number}" is no number of a pull request`);
  await comment(reportFile, Number(number));
} catch (error) {
  const why = error instanceof Error ? error.message.replaceAll(/\s+/g, " ") : String(error);
  console.log(`::warning::the report is in no comment: ${why}; the token needs pull-requests: write`);
  process.exitCode = 2;
}
