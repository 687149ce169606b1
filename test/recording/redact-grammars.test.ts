/** Spellings of many grammars in which a secret stands: nothing of it is stored, in no mode, and done twice is done once. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Exchange } from "../../model/exchange.ts";
import { plain, plainExchange, text } from "./examples.ts";
import { byMode, modes, redactor, sent, wrongOf } from "./planted.ts";

const secret = "Zq4wXn7hunter9";

const body = (type: string, content: string): Exchange => sent("/", [["Content-Type", type]], text(content));
const inJson = (content: string): Exchange => body("application/json", JSON.stringify({ message: content }));

/** What the text becomes, as a body and as a string in JSON. */
function redacted(content: string): string {
  const { request } = body("text/plain", content);
  // The answer is redacted by the same code: once is enough.
  const { body: after } = redactor.exchange(plainExchange({ request })).request;
  return after.kind === "whole" ? Buffer.from(after.bytes).toString() : after.kind;
}

const pem = (kind: string, lines: string): string => `-----BEGIN ${kind}-----\n${lines}\n-----END ${kind}-----`;

/** Texts with `§` for the secret, and what must stay. */
const texts: Readonly<Record<string, readonly [content: string, stays: string]>> = {
  "a YAML block with an empty line": ["a: 1\npassword: |\n  one\n\n  §\nport: 1\n", "port: 1"],
  "a YAML block with empty lines and line feeds of Windows": ["password: |\r\n  one\r\n\r\n  §\r\nport: 1\r\n", "port: 1"],
  "an encrypted key in a YAML block": [
    `tls_private_key: |\n  -----BEGIN RSA PRIVATE KEY-----\n  Proc-Type: 4,ENCRYPTED\n\n  §\n  -----END RSA PRIVATE KEY-----\nport: 1\n`,
    "port: 1",
  ],
  "a YAML map behind a comment": ["secrets: # for the shop\n  a: §\n  # and\n\n  b: §\nport: 1\n", "port: 1"],
  "a YAML map with an empty line and a comment further out": ["x:\n  secrets:\n    a: 1\n\n # c\n    b: §\n  port: 1\n", "  port: 1"],
  "a YAML block behind an anchor": ["password: &a |\n  §\nport: 1\n", "port: 1"],
  "a YAML block behind a tag and a comment": ["password: !!str &b >- # c\n  §\nport: 1\n", "port: 1"],
  "a YAML map behind an anchor": ["secrets: &all\n  a: §\nport: 1\n", "port: 1"],
  "a plain YAML value on two lines": ["password: two\n  words §\nport: 1\n", "port: 1"],
  "a pair in YAML": ["env:\n  - name: DB_PASSWORD\n    value: §\n  - name: PORT\n    value: '1'\n", "value: '1'"],
  "a quoted pair in YAML, value first": ['- value: "§"\n  name: "DB_PASSWORD"\n- value: 8\n  name: PORT\n', "value: 8"],
  "a pair with a block": ["- name: DB_PASSWORD\n  value: |\n    §\n\n    §\n- name: x\n", "- name: x"],
  "a pair in TOML": ['[[env]]\nname = "DB_PASSWORD"\nvalue = "§"\n', "[[env]]"],
  "a private key without a name": [`a\n${pem("PRIVATE KEY", "MIIE§\n§§==")}\nb`, "-----END PRIVATE KEY-----\nb"],
  "a private key of OpenSSH in a string": [
    'k = "-----BEGIN OPENSSH PRIVATE KEY-----\\nMIIE§\\n§==\\n-----END OPENSSH PRIVATE KEY-----\\n"; b',
    "; b",
  ],
  "a private key of PGP": [`${pem("PGP PRIVATE KEY BLOCK", "Version: 1\n\n§\n=abcd")}\nb`, "\nb"],
  "a private key that is cut off": ["x\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq§\nMIIEvQIBADANBgkq§", "x\n"],
  "three double quotes": ['login(password: """§ "x" §""", user: "bob")', 'user: "bob"'],
  "three single quotes": ["password = '''\n§'s\n§'''\nport = 1", "port = 1"],
  "three quotes in Python": ['x(token="""a\n§""", b=1)', "b=1"],
  "doubled single quotes": ["password: 'it''s § a''§'\nport: 1", "port: 1"],
  "doubled quotes in SQL": ["SET password = 'a''§' WHERE id = 1", "WHERE id = 1"],
  "doubled double quotes": ['password="a""§"; b=1', "; b=1"],
  "JSON in a field of CSV": ['1,"{""password"":""§ x"",""a"":1}",2', '""a"":1}",2'],
  "a value on the next line": ['const password =\n  "§";\nconst b = 1;', "const b = 1;"],
  "a JSON value on the next line": ['x {"password":\n"§",\n"b":1', '"b":1'],
  "a JSON value two lines further": ['x {"password"  :\r\n\r\n  "§", "b":1', '"b":1'],
  "a value behind a comment": ['{"password": /* c */ "§", "b": 1 /* d */}', '"b": 1 /* d */'],
  "a value behind a comment on its own line": ["a = {token: /* two\n lines */\n  '§', b: 1}", "b: 1"],
  "JSON over two lines of an event": ['data: {"name":"password",\ndata: "value":"§"}\n\ndata: x\n', "data: x\n"],
  "a value on the next line of an event": ['data: x {"password":\ndata: "§"}\n\ndata: y\n', "data: y\n"],
  "blanks before the sign": [`password${" ".repeat(60)}= §\nsid${" ".repeat(60)}: §\nport = 1`, "port = 1"],
  "blanks before the sign in an attribute": [`<x token${" ".repeat(20)}=${" ".repeat(20)}"a>§" b="1">`, 'b="1"'],
  "a connection string": ["Server=x;Password=my § a§;Database=y", ";Database=y"],
  "a connection string, password first": ['a = "Password=my §;Initial Catalog=y"; b', ";Initial Catalog=y"],
  "a connection string, password last": ["dsn 'Server=x;User ID=sa;Password=my §' and more", "' and more"],
  "what follows a mask": ["a password=***§ b", "a password="],
  "what follows a token": ["a password=tok_0123456789abcdefghijAB.§ b token=tok_0123456789abcdefghijAB/§", " b token="],
  "a private key under a name": [`private_key=${pem("EC PRIVATE KEY", "MHcCAQEE§")}\nport: 1`, "port: 1"],
};

const written = (content: string): string => content.replaceAll("§", secret);

describe("redaction of text", () => {
  it.each(Object.entries(texts))("leaves nothing of %s", (_, [content, stays]) => {
    const full = written(content);
    for (const make of [body.bind(null, "text/plain", full), body.bind(null, "application/octet-stream", full), inJson.bind(null, full)]) {
      expect(wrongOf(make(), secret)).toEqual([]);
    }
    expect(redacted(full)).toContain(written(stays));
  });
});

describe("what is harmless", () => {
  it.each([
    ["a map below a sensitive key on the same level", 'password:\n"next": 1\n'],
    ["JSON over two lines of an event", 'data: {"a":1,\ndata: "token":null}\n\n'],
    ["code between semicolons", "a=1;token=null;b=2; // sid"],
    ["empty values", `a(password: "", token: '') {"sid":"","pin":''}`],
    ["a key without a value, and a comment", "password:\n# a comment\nport: 1\n"],
    ["other pairs", "- name: PORT\n  value: 8\n- name: HOST\n  value: token\n"],
    ["prose about keys", "a PRIVATE KEY is written as -----BEGIN PRIVATE KEY----- and so on, for all to see"],
  ])("keeps its bytes: %s", (_, content) => {
    for (const make of [body.bind(null, "text/plain", content), inJson.bind(null, content)]) {
      expect(redactor.exchange(make()).request.body).toEqual(make().request.body);
    }
  });
});

const at = (target: string): Exchange => sent(target, [], { kind: "none" });
const header = (name: string, value: string): Exchange => sent("/", [[name, value]], { kind: "none" });
const long = "u".repeat(400);

/** URLs with `§` for the secret; each as a target, as a header, in a text and in JSON. */
const urls: readonly string[] = [
  ...["http://u:p@§@h/x", "//u:§@h/x", "//u:a@§@h/x", `http://${long}:§@h/x`, `http://u:${long}§@h/x`, "http://u:%41§@h:80/x@y"],
  ...["postgres://u:p/§@db", "http://u:p?§@h/x", "http://u:p#§/§@h/x", "amqp://u:1a/§@h@§@h:5/x"],
  ...["/?p%2561ssword=§", "/?a=1&p%252561ssword=§&b=2", "/x;p%2561ssword=§/y"],
  ...["/x/token=§/y", "/x/password:§", "/x,token=§", "/x,a=1,token=§;b=2/y", "http://h:80/x/sid:§/z?a=1", "/x/a:token=§/y", "/tokens:§/x"],
];

describe("redaction of URLs", () => {
  it.each(urls)("leaves nothing of the secret in %s", (url) => {
    const full = written(url);
    for (const make of [
      at.bind(null, full),
      header.bind(null, "Referer", full),
      body.bind(null, "text/plain", `see ${full} or not`),
      inJson.bind(null, full),
    ]) {
      expect(wrongOf(make(), secret)).toEqual([]);
    }
  });

  it("keeps what is around the secret", () => {
    expect(redactor.target(written("http://u:p@§@h:80/x@y?a=1"))).toBe(`http://u:${redactor.tokenOf(`p@${secret}`)}@h:80/x@y?a=1`);
    expect(redactor.target(written("/x/token=§/y;sid=§"))).toBe(`/x/token=${redactor.tokenOf(secret)}/y;sid=${redactor.tokenOf(secret)}`);
    expect(byMode[2]?.target(written("/x/token=§/y;sid=§/z"))).toBe("/x/token=***/y/z");
  });

  it("keeps ports, addresses, actions and paths with an @", () => {
    for (const url of [
      ...["http://h:80/@user/x", "http://[::1]:80/@x", "http://h:8080,http://g:9/@x", "http://auth:8080/x"],
      ...["/a,b=c;d=e/f:g", "http://h/a:b@c", "//h:80/x@y"],
    ]) {
      expect(redactor.target(url)).toBe(url);
      expect(redactor.exchange(header("Referer", url)).request.headers[0]?.[1]).toBe(url);
    }
    expect(redactor.target("/v1/sessions:batchCreate?a=1")).toBe("/v1/sessions:batchCreate?a=1");
  });

  it.each([
    ["Host", "u:§@h"],
    ["Host", "u:p@§@h:80"],
    ["X-Forwarded-Host", "a, u:§@h"],
    ["Via", "1.1 x (password=§)"],
    ["Via", "1.1 auth:80 (a), 1.1 token=§"],
  ])("leaves nothing of the secret in %s: %s", (name, value) => {
    expect(wrongOf(header(name, written(value)), secret)).toEqual([]);
  });

  it("keeps hosts and what passed a message on", () => {
    for (const value of ["auth:8080", "a, token:1", "1.1 auth:80 (Apache/1.1), HTTP/2 session", "me@h"]) {
      expect(redactor.exchange(header("Via", value)).request.headers[0]?.[1]).toBe(value);
    }
  });
});

const named: readonly string[] = [
  ...["X-Auth-Key", "Ocp-Apim-Subscription-Key", "x-functions-key", "DD-APPLICATION-KEY", "X-Authentication", "SMTP_PASS", "db_pass"],
  ...["smtpPass", "passwort", "otp_code", "auth_key", "encryptionKey", "signing_key", "passkey", "userPin", "user_pin", "assertion"],
];

describe("redaction by name", () => {
  it.each(named)("finds %s as a header, a parameter, a key, a name in text", (name) => {
    const full = `${name}=${secret}`;
    for (const make of [
      // Of headers the spelling says nothing.
      header.bind(null, /^[a-z]+[A-Z]/.test(name) ? "X-Api-Key" : name, secret),
      at.bind(null, `/?a=1&${full}`),
      body.bind(null, "application/x-www-form-urlencoded", full),
      body.bind(null, "application/json", JSON.stringify({ [name]: secret })),
      body.bind(null, "text/plain", `a ${full} b`),
      body.bind(null, "text/plain", `a "${name}": "${secret}" b`),
    ]) {
      expect(wrongOf(make(), secret)).toEqual([]);
    }
  });

  it.each([
    ["a list of parameters", at(`/?otp[]=${secret}&sid%5B%5D=${secret}&pin[0]=${secret}`)],
    ["a list of fields", body("application/x-www-form-urlencoded", `otp[]=${secret}&user[sid][]=${secret}`)],
    ["a key with blanks", body("application/json", `{" sid":"${secret}","pin ":"${secret}"}`)],
    ["a field with a type", body("application/json", `{"type":"password","value":"${secret}"}`)],
    ["pairs in lists", body("application/json", `{"headers":[["Accept","x"],["Authorization","${secret}"]]}`)],
    ["what PHP wrote", body("text/plain", `a:2:{s:8:"password";s:14:"${secret}";s:3:"pin";i:1;}`)],
    ["what PHP wrote with quotes inside", body("text/plain", `a:1:{s:8:"password";s:17:"";"${secret}";}`)],
  ])("finds %s", (_, exchange) => {
    expect(wrongOf(exchange, secret)).toEqual([]);
  });

  it("writes lengths for PHP that are right", () => {
    const token = redactor.tokenOf(secret);
    expect(redacted(`a:2:{s:8:"password";s:14:"${secret}";s:1:"b";i:1;s:3:"pin";i:1234;}`)).toBe(
      `a:2:{s:8:"password";s:26:"${token}";s:1:"b";i:1;s:3:"pin";s:26:"${redactor.tokenOf("1234")}";}`,
    );
  });

  it("keeps names that only look alike", () => {
    const content = '{"boarding pass":"1","bypass":2,"compass":3,"tap":"x","spin":[["a","b"],["c","d"]],"hairpin":4,"keyPins":5}';
    expect(redacted(content)).toBe(content);
  });
});

/** Pieces of all grammars in any order. */
const pieces: readonly string[] = [
  ...[
    "password",
    "sid",
    "a",
    "name",
    "value",
    "value: ",
    "- name: sid",
    "- ",
    "key",
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n\n",
    "\r\n",
    "\t",
    ": ",
    ":",
    "=",
    " = ",
  ],
  ...[
    "|",
    ">-",
    "&a ",
    "!b ",
    "# c",
    "#",
    "'",
    '"',
    "''",
    '""',
    '"""',
    "'''",
    "`",
    "\\",
    "data:",
    "/*",
    "*/",
    "//",
    ",",
    ";",
    "/",
    "@",
    "://",
    "u:p",
  ],
  ...[
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "MIIEvQIBADANBgkqhkiG9w0B",
    "***",
    "tok_0123456789012345678901",
    "x",
    "{",
    "}",
    "true",
  ],
];

describe("redaction of pieces of grammars", () => {
  it("done twice is done once", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), fc.nat(modes.length - 1), (parts, mode) => {
        const by = byMode[mode] ?? redactor;
        for (const make of [
          (): Exchange => body("text/plain", parts.join("")),
          (): Exchange => inJson(parts.join("")),
          (): Exchange => sent(`/${parts.join("")}`, [["X-A", parts.join("")]], { kind: "none" }),
        ]) {
          const once = by.exchange(make());
          expect(plain(by.exchange(once))).toEqual(plain(once));
        }
      }),
      { numRuns: 3000 },
    );
  });

  const hostile: readonly string[] = [
    ...["sid:\n\n", "sid: |\n\n", "sid: #\n#\n", "sid: a\n b\n", "sid: a\n\n", "- name: sid\n  value: x\n", "name: sid\n", "value: sid\n"],
    ...["-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\nA: b\n", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n\\n"],
    ...[
      "sid:'",
      "sid:''",
      "sid:'''",
      'sid:"""',
      "sid:\\'",
      "sid:'a''",
      "sid=\n",
      "sid=/*",
      "sid=/**/",
      "sid=/**//*",
      '""sid"":""',
      "data: {\n",
    ],
    ...["sid=a;", "a=b;sid=a", '"sid=a;b', "\nsid=a b;c=", "sid=***", "sid=***.", "a=b;sid=a'"],
    ...[
      "://a:",
      "//a:b",
      " //a:b/c",
      "://a:b@",
      "/a:b",
      "/sid=a",
      "/sid:",
      ";sid:a,",
      's:3:"sid";',
      's:3:"sid";s:9:"',
      "user_pin",
      "userPin ",
    ],
    ...["sid ", `sid${" ".repeat(255)}`, `<x sid${" ".repeat(255)}`, "<x ", "<x a= ", '<x a  "'],
  ];
  it.each(hostile)("takes linear time for %j", { timeout: 60_000 }, (unit) => {
    const content = `${unit.repeat(Math.ceil(1_000_000 / unit.length))} password PRIVATE KEY`;
    // Far above what linear time takes, far below quadratic (minutes).
    expect(redacted(content)).not.toBe("");
  });
});
