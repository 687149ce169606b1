/** Secrets in tables, lists, XML, serialised PHP and files in parts, which only a head, a neighbour or the file around names. Nothing of them is
 * stored in any mode, done twice is done once, and what is no secret stays. */

import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Exchange } from "../../model/exchange.ts";
import { plainExchange } from "./examples.ts";
import { bytesOf, redactor, wrongOf } from "./planted.ts";

const secret = "Zq4wXn7hunter9aa";

function body(type: string, bytes: Uint8Array): Exchange {
  return plainExchange({
    request: { method: "POST", target: "/", version: "1.1", headers: [["Content-Type", type]], body: { kind: "whole", bytes } },
  });
}

function redacted(type: string, content: string, by = redactor): string {
  return bytesOf(by.exchange(body(type, Buffer.from(content)))).toString();
}

/** Contents with § for the secret; what must stay as it is. */
type Cases = Readonly<Record<string, readonly [content: string, stays: string]>>;

const columns: Cases = {
  "behind a byte order mark": ["\ufeffuser,password\nann,§\n", "\ufeffuser,password\nann,"],
  "beside a head with brackets": ["user,last login (UTC),password\nann,today,§\n", "ann,today,"],
  "under a head of two names": ["id,user/password\n1,§\n", "id,user/password\n1,"],
  "under a head with a star": ["user,password*\nann,§\n", "user,password*\nann,"],
  "beside a head with accents": ["prénom,password\nzoé,§\n", "prénom,password\nzoé,"],
  "before a separator at the end": ["user,password,\nann,§,\n", "\nann,"],
  "behind a head that is empty": [",user,password\n0,ann,§\n", "\n0,ann,"],
  "below comments": ["# made today, by ann\n#\nuser,password\nann,§\n", "# made today, by ann\n#\nuser,password\nann,"],
  "below an empty line": ["\r\nuser,password\r\nann,§\r\n", "\r\nuser,password\r\nann,"],
  "below a line that names the separator": ["sep=;\nuser;password\nann;§\n", "sep=;\nuser;password\nann;"],
  "in a row with fewer cells": ["user,password,n\nann,§\n", "\nann,"],
  "in a row of one cell": ["password,user\n§\n", "password,user\n"],
  "in a row with more cells": ["user,password,n\nann,§,1,2\n", ",1,2"],
  "with blanks on both sides": ["user , password , n\nann , §\n", "\nann , "],
  "of a table behind a byte order mark": ["\ufeff| user | password |\n| ann | § |\n", "\n| ann | "],
  "in single quotes": ["'user','password'\n'ann, b','§'\n", "'ann, b','"],
  "in single quotes with a separator inside": ["user,password\n'ann','a,§'\n", "'ann','"],
  "of a Markdown table below text": ["Hello\n\n| user | password |\n|------|:--------:|\n| ann | § |\n\nBye, a | b\n", "\n\nBye, a | b\n"],
  "of a Markdown table of one column": ["Hello\n\n| password |\n|---|\n| § |\n", "| password |\n|---|\n"],
  "of a Markdown table with a bar in a cell": ["x\n\n| user | password |\n|---|---|\n| ann | a\\|§ |\n", "| ann |"],
  "of a table with bars around and no ruler": ["x\n\n| id | user | password |\n| 1 | ann | § |\n", "| 1 | ann |"],
  "of a table of mysql": [
    "mysql> select\n+------+----------+\n| user | password |\n+------+----------+\n| ann  | § |\n+------+----------+\n1 row in set",
    "\n| user | password |\n+------+----------+\n| ann  | ",
  ],
  "of a table of psql": ["db=> select\n user | password\n------+------\n ann  | §\n(1 row)\n", "\n------+------\n ann  | "],
};

const texts = [
  "Dear Ann, your password is wrong.\nWe sent, as asked, a link\n",
  "GET,/api/token,200\nGET,/api/users,200\n",
  "check(token,user)\ncall(a,b)\n",
  ".token,.user,\n.a,.b{color:red}\n",
  "'use strict';var token,b\nf(a,b)\n",
  "2026-01-01 12:00:00,INFO,token refreshed\n2026-01-01 12:00:01,INFO,done\n",
  "x\n2026 | INFO | token refreshed\n2026 | INFO | done\n",
  "x\n\n| what | why |\n|---|---|\n| a | the password |\n| b | y |\n",
  "x\n\n| size | what a session of it costs |\n|---|---|\n| small | 4 |\n",
  "x\n+---+---+\n| a | b |\n+---+---+\n| c | password |\n+---+---+\n| d | e |\n+---+---+\n",
  "# Passwords\n\nWhoever has lost a password, may ask for another\nlink, which ends soon\n",
  "password,user\nare needed for that\n",
];

describe("a column of text", () => {
  it.each(Object.entries(columns))("is redacted %s", (_, [content, stays]) => {
    expect(wrongOf(body("text/plain", Buffer.from(content.replaceAll("§", secret))), secret)).toEqual([]);
    expect(redacted("text/plain", content.replaceAll("§", secret))).toContain(stays);
  });

  it.each(texts)("is none in %j", (content) => {
    expect(redacted("text/plain", content)).toBe(content);
  });

  it("ends where its table ends", () => {
    const content = `x\n\n| user | password |\n|---|---|\n| ann | ${secret} |\n\n| a | b |\n|---|---|\n| c | d |\n`;
    expect(redacted("text/markdown", content)).toBe(content.replace(secret, redactor.tokenOf(secret)));
  });

  it.each(["'a,", "'a','", "|\n", "| a ", "| password |\n", "|-", "\n|-|", "#\n", "\n", "a|b\n--\n", "\\|", '"a,"', "(,", "'\n"])(
    "takes linear time for %j",
    { timeout: 60_000 },
    (unit) => {
      for (const head of ["", "user,password\n", "x\n\n| user | password |\n|---|---|\n|"]) {
        const content = `${head}${unit.repeat(Math.ceil(1_000_000 / unit.length))} password`;
        expect(redacted("text/plain", content)).not.toBe("");
      }
    },
  );
});

const json: Cases = {
  "rows among which there is null": ['{"columns":["user","password"],"rows":[null,["ann","§"]]}', '"rows":[null,["ann",'],
  "rows of any length": ['{"columns":["user","password","n"],"rows":[["ann","§"],["bob"],["eve","§",1,2]]}', '["bob"]'],
  "a ragged table": ['[["user","password"],["ann","§"],["bob"]]', '["bob"]'],
  "a ragged table with null": ['[["user","password"],["ann","§","x"],null,["eve","§"]]', '"x"],null,["eve",'],
  "a table of one column": ['[["password"],["§"]]', '[["password"],['],
  "a table without cells at its end": ['{"values":[["user","password","note"],["ann","§"],["bob"],[]]}', '["bob"],[]'],
  "heads that are a schema": ['{"schema":[{"name":"user"},{"name":"password"}],"rows":[["ann","§"]]}', '"ann"'],
  "heads in a schema": ['{"schema":{"fields":[{"name":"user"},{"name":"password"}]},"rows":[["ann","§"]]}', '"ann"'],
  "rows that are objects": [
    '{"schema":{"fields":[{"name":"user"},{"name":"password"}]},"rows":[{"f":[{"v":"ann"},{"v":"§"}]}]}',
    '{"f":[{"v":"ann"},',
  ],
  "headers in one list": ['{"rawHeaders":["Host","h","Authorization","§","Accept","b"]}', '["Host","h","Authorization",'],
  "arguments of a command": ['{"args":["run","--password","§","--port","1"]}', '["run","--password",'],
};

describe("JSON", () => {
  it.each(Object.entries(json))("is redacted in %s", (_, [content, stays]) => {
    expect(wrongOf(body("application/json", Buffer.from(content.replaceAll("§", secret))), secret)).toEqual([]);
    expect(redacted("application/json", content.replaceAll("§", secret))).toContain(stays);
  });

  it.each([
    '{"args":["--password","--port","1"]}',
    '{"args":["--password-file","/run/x","--password"]}',
    '{"rawHeaders":["Authorization","Host","h"]}',
    '[["the password is wrong"],["a"]]',
    '[["password"],["a","b"]]',
    '[["user","password"],["ann"],"x"]',
  ])("but stays as it is in %s", (content) => {
    expect(redacted("application/json", content)).toBe(content);
  });
});

const markup: Cases = {
  "a property with a value": ['<property name="password"><value>§</value></property><n>1</n>', "<n>1</n>"],
  "a resource": [
    '<root><data name="password" xml:space="preserve">\n<value>§</value><comment>c</comment></data><data name="a"><value>b</value></data></root>',
    '<comment>c</comment></data><data name="a"><value>b</value>',
  ],
  "values of an attribute of SAML": [
    '<saml:Attribute Name="password"><saml:AttributeValue>§</saml:AttributeValue><saml:AttributeValue>2§</saml:AttributeValue></saml:Attribute><n>1</n>',
    "<n>1</n>",
  ],
  "an entry of two strings": [
    "<map><entry><string>password</string><string>§</string></entry><entry><string>a</string><string>b</string></entry></map>",
    "<string>a</string><string>b</string>",
  ],
  "a value behind an empty element": ["<p><name>password</name><type/><value>§</value><n>1</n></p>", "<n>1</n>"],
  "a value behind another element": ["<p><name>password</name><type>string</type><value>§</value></p>", "<type>string</type>"],
  "a cell behind a head in bold": ["<tr><th><b>Password</b></th><td>§</td></tr><tr><th>User</th><td>ann</td></tr>", "<td>ann</td>"],
  "a column of HTML": [
    "<table><tr><th>user</th><th>password</th></tr><tr><td>ann</td><td>§</td></tr><tr><td>bob</td><td>2§</td></tr></table>",
    "<td>bob</td>",
  ],
  "a column of HTML with a head in each row": [
    "<table><thead><tr><th>n</th><th>user</th><th><b>password</b></th></tr></thead><tbody><tr><th>1</th><td>ann</td><td>§</td></tr></tbody></table>",
    "<th>1</th><td>ann</td>",
  ],
};

const illustrator = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY ns_x "http://ns.adobe.com/x/1.0/">]>
<svg xmlns="&ns_svg;" xmlns:x="&ns_x;"><title>password</title></svg>`;

describe("markup", () => {
  it.each(Object.entries(markup))("is redacted in %s", (_, [content, stays]) => {
    expect(wrongOf(body("text/xml", Buffer.from(content.replaceAll("§", secret))), secret)).toEqual([]);
    expect(redacted("text/xml", content.replaceAll("§", secret))).toContain(stays);
  });

  it.each([
    illustrator,
    '<bean id="tokenService"><property name="url"><value>http://a.example</value></property></bean>',
    "<array><string>password</string><string>email</string></array>",
    "<tr><td><code>NO_TOKEN</code></td><td>Switches tokens off.</td></tr>",
    "<p><name>password</name></p><p><value>1</value></p>",
    "<p><name>password</name><name>user</name><value>1</value></p>",
    "<table><tr><th>user</th><th>password</th></tr></table><table><tr><td>a</td><td>b</td></tr></table>",
  ])("but stays as it is in %s", (content) => {
    expect(redacted("image/svg+xml", content)).toBe(content);
  });

  it("loses entities that are URLs with a user's password", () => {
    const content = illustrator.replace("http://ns.adobe.com", `http://ann:${secret}@ns.adobe.com`);
    expect(wrongOf(body("image/svg+xml", Buffer.from(content)), secret)).toEqual([]);
  });

  it.each(["<name>", "<name><b>", "<td>", "<tr><th>a", '<x name="token"><y>', "<entry><string>", "<table>", "<!ENTITY a 'b://"])(
    "takes linear time for %j",
    { timeout: 60_000 },
    (unit) => {
      expect(redacted("text/xml", `${unit.repeat(Math.ceil(1_000_000 / unit.length))} password`)).not.toBe("");
    },
  );
});

describe("serialised PHP", () => {
  it.each([`s:8:"password";s:40:"${secret}`, `a:2:{s:1:"a";i:1;s:8:"password";s:40:"x ${secret}\n`, `s:8:"password";s:16:"${secret}"`])(
    "that was cut is redacted once: %s",
    (content) => {
      expect(wrongOf(body("text/plain", Buffer.from(content)), secret)).toEqual([]);
    },
  );
});

describe("a file in a part", () => {
  const before = '--XX\r\nContent-Disposition: form-data; name="f"; filename="a.gz"\r\nContent-Type: application/gzip\r\n\r\n';
  const after = '\r\n--XX\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--XX--\r\n';
  const upload = (file: Uint8Array): Exchange =>
    body("multipart/form-data; boundary=XX", Buffer.concat([Buffer.from(before), file, Buffer.from(after)]));
  const fileIn = (bytes: Buffer): Buffer => bytes.subarray(before.length, bytes.length - after.length);
  const content = JSON.stringify({ a: 1, password: secret });

  it("of gzip or zstd is looked into, and is one afterwards", () => {
    expect(wrongOf(upload(gzipSync(content)), secret, (exchange) => gunzipSync(fileIn(bytesOf(exchange))).toString())).toEqual([]);
    expect(
      wrongOf(upload(zstdCompressSync(content)), secret, (exchange) => zstdDecompressSync(fileIn(bytesOf(exchange))).toString()),
    ).toEqual([]);
    const once = bytesOf(redactor.exchange(upload(gzipSync(content))));
    expect(once.subarray(0, before.length).toString()).toBe(before);
    expect(once.subarray(-after.length).toString()).toBe(after);
    expect(gunzipSync(fileIn(once)).toString()).toBe(content.replace(secret, redactor.tokenOf(secret)));
  });

  it("stays as it is, byte by byte, when it holds no secret", () => {
    const file = gzipSync(JSON.stringify({ a: 1 }), { level: 1 });
    expect(bytesOf(redactor.exchange(upload(file)))).toEqual(bytesOf(upload(file)));
  });

  it("is a token when nobody can look into it", () => {
    const cut = gzipSync(content.repeat(50)).subarray(0, 40);
    const once = redactor.exchange(upload(cut));
    expect(bytesOf(once).includes(cut)).toBe(false);
    expect(bytesOf(once).toString("latin1")).toContain(redactor.substituteFor(cut.toString("latin1")) ?? "never");
  });

  it("is opened three deep, however often it was packed", () => {
    let bytes: Uint8Array = Buffer.from(content);
    for (let layer = 0; layer < 4; layer++) bytes = bytesOf(upload(gzipSync(bytes)));
    const packed = body("multipart/form-data; boundary=XX", bytes);
    expect(bytesOf(redactor.exchange(packed))).toEqual(bytes);
  });
});
