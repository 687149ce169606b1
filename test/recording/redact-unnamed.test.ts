/** Secrets that no `name=value` tells: what only looks like a token of ours, forms that only credentials have, columns, neighbours,
 * paths, files in files. Nothing of them is stored in any mode, done twice is done once, and what is no secret stays. */

import { createHash, createHmac } from "node:crypto";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Exchange } from "../../model/exchange.ts";
import { Redactor } from "../../recording/redaction.ts";
import { sealedClaimsOf } from "../../recording/sealed-claims.ts";
import { suspectsIn } from "../../recording/secret-scan.ts";
import { text } from "./examples.ts";
import { bytesOf, key, redactor, sent, wrongOf } from "./planted.ts";

const secret = "Zq4wXn7hunter9aa";

const at = (target: string): Exchange => sent(target, [], { kind: "none" });
const body = (type: string, content: string): Exchange => sent("/", [["Content-Type", type]], text(content));
const packed = (type: string, bytes: Uint8Array): Exchange => sent("/", [["Content-Type", type]], { kind: "whole", bytes });

const contentOf = (exchange: Exchange): string => bytesOf(exchange).toString();

describe("a secret that looks like a token of ours", () => {
  const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
  const forged = fc.string({ unit: fc.constantFrom(...base64url), minLength: 22, maxLength: 22 }).map((letters) => `tok_${letters}`);
  const places: readonly ((planted: string) => Exchange)[] = [
    (planted) => body("application/json", JSON.stringify({ password: planted })),
    (planted) => sent("/", [["Authorization", `Bearer ${planted}`]], { kind: "none" }),
    (planted) => sent("/", [["Cookie", `a=1; sid=${planted}`]], { kind: "none" }),
    (planted) => at(`/x?token=${planted}`),
    (planted) => body("text/plain", `password=${planted}, and so on`),
    (planted) => body("text/plain", `-----BEGIN PRIVATE KEY-----\n${planted}`),
    (planted) => body("text/plain", `Server=x;Password=${planted};Database=y`),
  ];

  it("is replaced as every other", () => {
    fc.assert(
      fc.property(forged, fc.nat(places.length - 1), (planted, place) => {
        expect(wrongOf(places[place]?.(planted) ?? at("/"), planted)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("is replaced where a pattern meets it, with tokens left as they are beside it", () => {
    const by = new Redactor({ key, mode: "token", rules: [{ kind: "regex", pattern: "id (\\S+)", how: null }] });
    const own = by.tokenOf("one");
    const other = `tok_${"x".repeat(22)}`;
    const once = contentOf(by.exchange(body("text/plain", `id ${own} id ${other} id ${other}${own}`)));
    expect(once).toBe(`id ${own} id ${by.tokenOf(other)} id ${by.tokenOf(other)}${own}`);
    expect(contentOf(by.exchange(body("text/plain", once)))).toBe(once);
  });

  it("is a token only by the key that made it; what compares with a recording takes all that look like one", () => {
    const token = redactor.tokenOf("hunter2");
    const foreign = new Redactor({ key: new Uint8Array(32).fill(8), mode: "token" });
    expect(redactor.tokenOf(token)).toBe(token);
    expect(foreign.tokenOf(token)).not.toBe(token);
    expect(new Redactor({ key: new Uint8Array(32).fill(8), mode: "token", trust: "any" }).tokenOf(token)).toBe(token);
  });

  it("has in recordings of an older form the token that they have", () => {
    // Made before tokens proved themselves: the first 16 bytes of the keyed hash.
    const older = new Redactor({ key, mode: "token", tokenForm: "plain", trust: "any" });
    const hash = createHmac("sha256", key).update("hunter2").digest().subarray(0, 16);
    expect(older.tokenOf("hunter2")).toBe(`tok_${hash.toString("base64url")}`);
    expect(older.tokenOf("hunter2")).not.toBe(redactor.tokenOf("hunter2"));
    expect(older.description).not.toBe(redactor.description);
  });

  it("passes for ours only with a check that nobody can compute without the key", () => {
    const token = redactor.tokenOf("hunter2");
    for (let index = "tok_".length; index < token.length; index++) {
      const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
      expect(redactor.tokenOf(changed)).not.toBe(changed);
    }
  });
});

describe("a form that only credentials have", () => {
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
  const forms = [
    ...[`${jwt}.b25l.dHdv`, `ghr_${"a1".repeat(38)}`, `glrt-${"x1".repeat(12)}`, "xapp-1-A123456-789", `whsec_${"4eC39Hq".repeat(3)}`],
    ...[`ya29.${"a0Ab".repeat(8)}`, `GOCSPX-${"a1-B".repeat(6)}`, `tok_${"aB3-".repeat(5)}xY`],
    jwt,
    "AKIAIOSFODNN7EXAMPLE",
    `ghp_${"a1".repeat(18)}`,
    "xoxb-123456789012-abcdef",
    `sk_live_${"4eC39Hq".repeat(3)}`,
  ];
  it.each(forms)("is replaced wherever it stands: %s", (planted) => {
    // A token says nothing to who looks for secrets in what was stored: there they are the rule.
    expect(suspectsIn(planted)).toHaveLength(planted.startsWith("tok_") ? 0 : 1);
    for (const exchange of [
      at(`/files/${planted}/x`),
      at(`/x?note=${planted}`),
      sent("/", [["X-Note", `see ${planted}.`]], { kind: "none" }),
      body("application/json", JSON.stringify({ note: `see ${planted}` })),
      body("text/html", `<p>${planted}</p><!-- ${planted} -->`),
      sent("/", [["X-Forwarded-Host", planted]], { kind: "none" }),
      body("application/x-www-form-urlencoded", `a=1&note=${planted}`),
    ])
      expect(wrongOf(exchange, planted)).toEqual([]);
  });

  it("has its one token everywhere, and its claims where it is a JSON Web Token", () => {
    const exchange = body("application/json", JSON.stringify({ note: jwt, access_token: jwt }));
    const once = redactor.exchange(exchange);
    expect(contentOf(once)).toBe(JSON.stringify({ note: redactor.tokenOf(jwt), access_token: redactor.tokenOf(jwt) }));
    expect(sealedClaimsOf(once)).toEqual({ [redactor.tokenOf(jwt)]: { sub: redactor.tokenOf("ann") } });
  });
});

/** Contents with § for the secret; what must stay as it is. */
const contents: Readonly<Record<string, readonly [type: string, content: string, stays: string]>> = {
  "a column of CSV": ["text/csv", 'user,password,n\r\nann,§,1\r\n"b, c","§""x",2\r\n', '"b, c"'],
  "a column behind semicolons": ["text/csv", "user;api key\nann;§\n", "ann;"],
  "a column behind tabs": ["text/tab-separated-values", "user\ttoken\tn\nann\t§\t1\n", "\t1"],
  "a short name over a column": ["text/csv", "n,user,pin\n1,ann,§\n", "1,ann,"],
  "a column of a table": ["text/markdown", "| user | password |\n|:---|---:|\n| ann | § |\n", "| ann |"],
  "a line of two cells": ["text/plain", "a table\n| password | § |\n", "a table"],
  "a name, a tab and a value": ["text/plain", "of ann\npassword\t§\n", "of ann"],
  "an option of a command": ["text/plain", "mysql --user ann --password § --port 1", "--user ann"],
  "a short option in quotes": ["text/plain", 'run --pin "§" --port 1', "--port 1"],
  "a .netrc": ["text/plain", "machine example.com\n  login ann\n  password §\n", "login ann"],
  "a link in a letter": ["text/plain", "Go to https://a.example/reset/§ now. Bye.", " now. Bye."],
  prose: ["text/plain", "Dear Ann, your password is §. It ends soon.", ". It ends soon."],
  "a line below its name": ["text/plain", "Password:\n§\nIt ends soon.", "It ends soon."],
  "prose with a colon": ["text/plain", "Your password is: §. Bye", ". Bye"],
  "a .netrc in another order": ["text/plain", "machine example.com password § login ann", "login ann"],
  "a call with name and value": ["application/x-httpd-php", "define('DB_PASSWORD', '§'); define('DB_NAME', 'shop');", "'shop'"],
  SQL: ["text/plain", "CREATE USER ann IDENTIFIED BY '§' ACCOUNT LOCK", "ACCOUNT LOCK"],
  "a sign on a line of its own": ["text/plain", "? password\n: §\nport: 1", "port: 1"],
  "Oracle's user and password": ["text/plain", "jdbc:oracle:thin:scott/§@db:1521", "jdbc:oracle:thin:scott/"],
  "a JSON table": ["application/json", '{"columns":["user","password"],"rows":[["ann","§"],["bob",null]]}', '["bob",null]'],
  "heads in objects": ["application/json", '{"fields":[{"name":"user"},{"name":"token"}],"rows":[["ann","§"]]}', '"ann"'],
  "heads in the first row": ["application/json", '[["user","password","n"],["ann","§",1]]', '["user","password","n"]'],
  "pairs in the first row": ["application/json", '[["password","§"],["user","ann"]]', '["user","ann"]'],
  "XML-RPC": ["text/xml", "<member><name>password</name><value><string>§</string></value></member><n>1</n>", "<n>1</n>"],
  "a property list": ["text/xml", "<dict><key>token</key><string>§</string><key>a</key><string>b</string></dict>", "<string>b</string>"],
  "a row of HTML": ["text/html", "<tr><th>Password</th><td><b>§</b></td></tr><tr><th>User</th><td>ann</td></tr>", "<td>ann</td>"],
  "a list of definitions": ["text/html", "<dl><dt>API key</dt><dd>§</dd><dt>User</dt><dd>ann</dd></dl>", "<dd>ann</dd>"],
  "an entity that a document declares": ["text/xml", '<!DOCTYPE a [<!ENTITY x "§">]><a><password>&x;</password><b>1</b></a>', "<b>1</b>"],
  "an element with letters of its own": ["text/xml", "<clé_password>§</clé_password><b>1</b>", "<b>1</b>"],
};

describe("a neighbour that says what a value is", () => {
  it.each(Object.entries(contents))("%s", (_, [type, content, stays]) => {
    const exchange = body(type, content.replaceAll("§", secret));
    expect(wrongOf(exchange, secret)).toEqual([]);
    expect(contentOf(redactor.exchange(exchange))).toContain(stays);
  });

  it.each([
    ...["/reset/§", "/reset/§/x?y=1", "/users/verify/§", "/password-reset/§", "https://a.example/confirm/§", "/x?next=%2Freset%2F§"],
    ...["/reset//§", "/reset/./§", "/%72eset/§", "/reset/§;a=b", "/reset;a=b/§", "/reset/§,x", "/reset/§:x", "/reset/§="],
    ...["/reset/§/§", "/reset/MQ/§/", "/magic_link/§", "/magic%20link/§", "/verify-email/§", "/sessions/§"],
  ])("the path %s", (target) => {
    expect(wrongOf(at(target.replaceAll("§", secret)), secret)).toEqual([]);
  });

  it.each([
    "/verify/email",
    "/reset/42",
    "/users/5f2b8c1e9d3a4b5c6d7e8f90",
    "/articles/how-to-reset-your-password-in-2024/comments",
    "/passwords/forgotten",
    "/assets/auth/index-B7dK3a9f_9x8.js",
    "/api/sessions/keynote-2024-opening",
    "/blog/password-security-2024/why-you-should-use-2fa",
    "/token/0xdAC17F958D2ee523a2206206994597C13D831ec7/holders",
    "/verify/2024-annual-report-for-all",
  ])("but leaves the path %s", (target) => {
    expect(redactor.target(target)).toBe(target);
  });

  it.each([
    "Password\n========\nAnd so on",
    "the password is wrong, and the token was not valid",
    "password, user and more\nare needed",
    "use --password-stdin here",
    "Password:\nmust have 8 characters",
    "Tokens:\ncount: 123456",
    "user,name\nann,password\n",
    "<table><tr><th>Password</th></tr><tr><td>a</td></tr></table><p>x</p>",
  ])("but leaves the text %j", (content) => {
    expect(contentOf(redactor.exchange(body("text/plain", content)))).toBe(content);
  });
});

describe("a file in a body", () => {
  const types = ["application/octet-stream", "application/gzip", "application/json", "image/png"];
  it.each(types)("of gzip or zstd called %s is looked into, and is one afterwards", (type) => {
    const once = redactor.exchange(packed(type, gzipSync(JSON.stringify({ a: 1, password: secret }))));
    expect(JSON.parse(gunzipSync(bytesOf(once)).toString())).toEqual({ a: 1, password: redactor.tokenOf(secret) });
    const zstd = redactor.exchange(packed(type, zstdCompressSync(Buffer.from(`password=${secret}`))));
    expect(zstdDecompressSync(bytesOf(zstd)).toString()).toBe(`password=${redactor.tokenOf(secret)}`);
  });

  it("keeps nothing but its length and a keyed hash when nobody can look into it", () => {
    const whole = gzipSync(`password=${secret}`.repeat(50));
    for (const bytes of [whole.subarray(0, 40), Buffer.concat([whole, Buffer.from("\n")])])
      expect(redactor.exchange(packed("application/gzip", bytes)).request.body).toMatchObject({ kind: "capped", length: bytes.length });
  });

  it("stays as it is, byte by byte, when it holds no secret", () => {
    const bytes = gzipSync(JSON.stringify({ a: 1 }), { level: 1 });
    expect(bytesOf(redactor.exchange(packed("application/gzip", bytes)))).toEqual(bytes);
  });

  it("ends however often it was packed", () => {
    let bytes: Uint8Array = Buffer.from(`password=${secret}`);
    for (let layer = 0; layer < 40; layer++) bytes = gzipSync(bytes);
    expect(() => redactor.exchange(packed("application/gzip", bytes))).not.toThrow();
  });
});

describe("what only looks like names and paths", () => {
  it("is left alone in base64, which has slashes and letters by chance", () => {
    for (let seed = 0; seed < 40; seed++) {
      const blocks = Array.from({ length: 900 }, (_, index) => createHash("sha256").update(`${seed} ${index}`).digest());
      const image = Buffer.concat(blocks).toString("base64");
      for (const [type, content] of [
        ["application/json", JSON.stringify({ image })],
        ["application/json", JSON.stringify({ image: `data:image/png;base64,${image}` })],
        ["text/html", `<img src="data:image/png;base64,${image}">`],
        ["text/plain", image],
      ] as const)
        expect(contentOf(redactor.exchange(body(type, content)))).toBe(content);
    }
  });

  const units = [
    "/a",
    "/reset/aaaaaaaaaaaaaaa1",
    "/reset/aaaaaaaaaaaaaaa1 ",
    "a/",
    "/;",
    "eyJ-",
    "eyJaaaaaaaa.",
    "tok_",
    `tok_${"A".repeat(22)}`,
  ];
  it.each([...units, "xoxb-", "set('a','", "IDENTIFIED BY '", "password is ", "--sid ", "a,pin\n", "machine a "])(
    "takes linear time for %j",
    { timeout: 60_000 },
    (unit) => {
      const many = unit.repeat(500_000 / unit.length);
      // A minute and more where each of them is looked at with all that follows it.
      for (const content of [`?pwd=1 x ${many}`, many]) {
        const { request } = body("text/plain", content);
        expect(redactor.request(request).body.kind).toBe("whole");
        expect(redactor.request(body("application/json", JSON.stringify({ content })).request).body.kind).toBe("whole");
        expect(redactor.request({ ...request, target: `/${content}`, headers: [["X-Foo", content]] }).headers).toHaveLength(1);
      }
    },
  );

  it("does not take a name of words for a token, so that it still says what stands behind it", () => {
    for (const name of ["tok_customers_api_password", "tok_refresh_users_password", "tok_internal_service_token"]) {
      expect(wrongOf(body("application/json", JSON.stringify({ [name]: secret })), secret)).toEqual([]);
      expect(wrongOf(at(`/x?${name}=${secret}`), secret)).toEqual([]);
      expect(contentOf(redactor.exchange(body("application/json", JSON.stringify({ [name]: secret }))))).toContain(name);
    }
  });
});

describe("what another key has redacted", () => {
  it("keeps its equality when it is redacted again, wherever its tokens stand", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
    const foreign = new Redactor({ key: new Uint8Array(32).fill(8), mode: "token" });
    const exchange = sent(`/files/${jwt}`, [["Authorization", `Bearer ${jwt}`]], text(JSON.stringify({ ticket: jwt, text: `use ${jwt}` })));
    const again = redactor.exchange(foreign.exchange(exchange));
    const token = redactor.tokenOf(foreign.tokenOf(jwt));
    expect(again.request.target).toBe(`/files/${token}`);
    expect(again.request.headers[0]?.[1]).toBe(`Bearer ${token}`);
    expect(JSON.parse(contentOf(again))).toEqual({ ticket: token, text: `use ${token}` });
  });
});

describe("what others name", () => {
  it("is redacted where it says that it is a secret, and kept as it is elsewhere", () => {
    const foreign: Exchange = {
      ...at("/"),
      id: "r-1",
      lane: `sid=${secret}`,
      connection: `Bearer ${secret}1234`,
      labels: { zone: "north 1", token: secret },
      extra: { claims: { [`tok_${"x".repeat(22)}`]: { sub: secret } } },
    };
    const once = redactor.exchange(foreign);
    expect(JSON.stringify(once)).not.toContain(secret);
    expect([once.id, once.lane, once.labels["zone"]]).toEqual(["r-1", `sid=${redactor.tokenOf(secret)}`, "north 1"]);
    expect(redactor.exchange(once)).toEqual(once);
  });
});
