/** Where secrets hide: one random secret in every place at a time; afterwards the exchange is searched for its bytes. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Exchange, HeaderList } from "../../model/exchange.ts";
import { Redactor } from "../../recording/redaction.ts";
import { plain, plainExchange, text } from "./examples.ts";
import { everywhere, key, redactor, sent } from "./planted.ts";

const json = "application/json";
const form = "application/x-www-form-urlencoded";

type Place = (secret: string) => Exchange;

const at = (target: string): Exchange => sent(target, [], { kind: "none" });
const header = (name: string, value: string): Exchange => sent("/", [[name, value]], { kind: "none" });
const body = (type: string | null, content: string): Exchange => sent("/", type === null ? [] : [["Content-Type", type]], text(content));
const inJson = (value: unknown): Exchange => body(json, JSON.stringify(value));
const escape = encodeURIComponent;

function named(title: string, names: readonly string[], make: (name: string, secret: string) => Exchange): Record<string, Place> {
  return Object.fromEntries(names.map((name) => [`${title} ${name}`, (secret: string) => make(name, secret)]));
}

const sessionNames = ["sid", "session", "sessionid", "session_id", "JSESSIONID", "PHPSESSID", "connect.sid"];
const names = [
  ...sessionNames,
  ...["auth", "otp", "pin", "signature", "sig", "x-amz-signature", "X-Goog-Signature", "csrf", "_csrf", "csrfmiddlewaretoken", "xsrf"],
  ...["jwt", "bearer", "user[sid]", "login.otp", "x-auth", "pass", "passcode", "api key", "SAMLResponse"],
];

/** Text in which a secret stands behind its name, for every label and for strings in JSON. */
const texts: Readonly<Record<string, (secret: string) => string>> = {
  "name: value": (secret) => `login failed, password: ${secret} (user bob)`,
  "name:value": (secret) => `login password:${secret} x`,
  "name = value": (secret) => `password = ${secret}`,
  "double quotes": (secret) => `login(password:"${secret}", user: "bob")`,
  "single quotes": (secret) => `{token:'${secret}',a:1}`,
  "a hash rocket": (secret) => `{"password" => "${secret}"}`,
  "a short name": (secret) => `x\nsid: ${secret}\ny`,
  "two words": (secret) => `API key: ${secret}`,
  "a header": (secret) => `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n\r\n`,
  "a cookie header": (secret) => `GET / HTTP/1.1\r\nCookie: a=${secret}; b=${secret}\r\n\r\n`,
  "a quoted header": (secret) => `curl -H 'Authorization: Bearer ${secret}' -H 'Cookie: x=${secret}' http://x/`,
  "a credential alone": (secret) => `used Bearer ${secret}0123456789 there`,
  "a URL": (secret) => `see http://x/y?a=1&token=${secret} now`,
  "a path parameter": (secret) => `see http://x/y;jsessionid=${secret}/z now`,
  "an escaped URL": (secret) => `see /login?next=${escape(`http://x/?sid=${secret}`)} now`,
  "escaped JSON": (secret) => `at ${escape(JSON.stringify({ password: secret }))} now`,
  YAML: (secret) => `user: bob\ndb:\n  password: ${secret}\n  port: 1\n`,
  "a YAML phrase": (secret) => `user: bob\npassword: two ${secret}\nport: 1`,
  "a YAML block": (secret) => `secret: |\n  ${secret}\n  ${secret}\nport: 1`,
  "a YAML list": (secret) => `tokens:\n  - ${secret}\n  - "${secret}"\nport: 1`,
  "a YAML map": (secret) => `credentials:\n  user: ${secret}\nport: 1`,
  "an object in a script": (secret) => `x = { credentials: { user: "${secret}", n: ["${secret}"] } };`,
  GraphQL: (secret) => `mutation { login(user: "bob", password: "${secret}") { id } }`,
  "JSON cut off": (secret) => `{"a":{"password":"${secret}"},`,
  "JSON escaped twice": (secret) => `log: {\\"a\\":{\\"password\\":\\"${secret}\\"}}`,
  JSON: (secret) => JSON.stringify({ a: [{ password: secret }] }),
  "JSON after a guard": (secret) => `)]}',\n${JSON.stringify({ credentials: { user: secret } })}`,
  JSONP: (secret) => `callback(${JSON.stringify({ credentials: { user: secret } })});`,
  "lines of JSON": (secret) => `{"a":1}\n{"sid":"${secret}"}\n`,
  XML: (secret) => `<a><password>${secret}</password></a>`,
  SOAP: (secret) => `<s:Header><wsse:Password Type="x#PasswordText">\n ${secret}\n</wsse:Password></s:Header>`,
  "XML below a sensitive element": (secret) => `<credentials><user>${secret}</user><b><c>${secret}</c></b></credentials>`,
  CDATA: (secret) => `<token><![CDATA[${secret}]]></token>`,
  "an attribute": (secret) => `<login user="bob" token="${secret}"/>`,
  "an input": (secret) => `<input type="hidden" name="csrf_token" value="${secret}">`,
  "an input, value first": (secret) => `<input value='${secret}' name=csrf_token>`,
  "a meta element": (secret) => `<meta name="csrf-token" content="${secret}">`,
  "a named element": (secret) => `<param name="password">${secret}</param>`,
  "JSON in an attribute": (secret) => `<div data-x="{&quot;a&quot;:{&quot;password&quot;:&quot;${secret}&quot;}}">x</div>`,
  "XML in XML": (secret) => `<a>&lt;password&gt;${secret}&lt;/password&gt;</a>`,
  "a link in HTML": (secret) => `<a href="/x?a=1&amp;sid=${secret}&amp;b=2">x</a>`,
};

const places: Readonly<Record<string, Place>> = {
  ...named("query", names, (name, secret) => at(`/x?a=1&${escape(name)}=${secret}`)),
  ...named("form field", names, (name, secret) => body(form, `a=1&${name}=${secret}`)),
  ...named("JSON key", names, (name, secret) => inJson({ a: [{ [name]: secret }] })),
  ...named("pair in JSON", names, (name, secret) =>
    inJson([
      { name, value: secret },
      { VALUE: { x: secret }, Key: name },
    ]),
  ),
  ...named("multipart field", names, (name, secret) =>
    body("multipart/form-data; boundary=XX", `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${secret}\r\n--XX--\r\n`),
  ),
  ...named("path parameter", sessionNames, (name, secret) => at(`/a;${name}=${secret}/b`)),
  ...named("escaped path parameter", sessionNames, (name, secret) => at(`/a%3B${name}%3D${secret}/b`)),
  ...named("line of text", sessionNames, (name, secret) => body("text/plain", `a\n${name}=${secret}\nb`)),
  ...named("element", ["sid", "otp", "pin", "csrf", "x:auth"], (name, secret) => body("text/xml", `<${name}>${secret}</${name}>`)),
  ...named(
    "header",
    ["Proxy-Authorization", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Whatever", "X-Signature", "X-CSRF", "Sid", "X-Auth"],
    header,
  ),
  ...named("URL in header", ["Referer", "Location", "Origin", "Content-Location", "X-Original-URL"], (name, secret) =>
    header(name, `http://x/a;sid=${secret}?sig=${secret}&n=${escape(`/y?pin=${secret}`)}#auth=${secret}`),
  ),
  "header Link": (secret) => header("Link", `<http://x/?a=1&sid=${secret}>; rel="next", <http://x/;sid=${secret}>; rel=prev`),
  "an attribute of a cookie": (secret) => header("Set-Cookie", `a=b; Path=/x?token=${secret}; sid=${secret}; Domain=shop`),
  "header Refresh": (secret) => header("Refresh", `0; url=http://x/?sid=${secret}`),
  "header with an escaped name in a URL": (secret) => header("Referer", `http://x/?p%61ssword=${secret}`),
  "basic credentials": (secret) => header("Authorization", `Basic ${Buffer.from(`bob:${secret}`).toString("base64")}`),
  "basic credentials in text": (secret) => body("text/plain", `sent Basic ${Buffer.from(`bob:${secret}`).toString("base64")} once`),
  "URL in a query": (secret) => at(`/x?next=${escape(`http://y/?a=1&token=${secret}`)}&b=2`),
  "URL in a URL in a query": (secret) => at(`/x?next=${escape(`http://y/?next=${escape(`/z;sid=${secret}`)}`)}`),
  "JSON in a query": (secret) => at(`/x?filter=${escape(JSON.stringify({ a: { password: secret } }))}`),
  "raw JSON in a query": (secret) => at(`/x?filter={"password":"${secret}"}`),
  "text in a query": (secret) => at(`/x?q=${escape(`password: ${secret}`)}`),
  "JSON as a query": (secret) => at(`/x?${escape(JSON.stringify({ password: secret }))}`),
  "URL in a path": (secret) => at(`/proxy/${escape(`http://y/?sid=${secret}`)}/x`),
  "URL in a form": (secret) => body(form, `a=1&next=${escape(`http://y/?token=${secret}`)}`),
  "JSON in a form": (secret) => body(form, `payload=${escape(JSON.stringify([{ name: "pin", value: secret }]))}`),
  "URL in JSON in a form": (secret) => body(form, `payload=${escape(JSON.stringify({ u: `/x?n=${escape(`/y?sid=${secret}`)}` }))}`),
  "deeper than anybody looks": (secret) => at([1, 2, 3, 4, 5, 6].reduce((url) => `/x?next=${escape(url)}`, `/x?token=${secret}`)),
  "JSON called a form": (secret) => body(form, JSON.stringify({ a: "b=c&d", credentials: { user: secret } })),
  "broken JSON called a form": (secret) => body(form, `{"password":"${secret}","x":"a=b"`),
  "text called a form": (secret) => body(form, `password: ${secret}`),
  "a cookie in JSON": (secret) => inJson({ headers: { Cookie: `x=${secret}; y=${secret}`, "Set-Cookie": [`z=${secret}; Path=/`] } }),
  "a cookie pair in JSON": (secret) => inJson({ headers: [{ name: "cookie", value: `x=${secret}` }] }),
  "a string with a lone surrogate": (secret) => body(json, `{"a":"\\ud800 password=${secret}"}`),
  "a key of JSON": (secret) => inJson({ [`http://x/?token=${secret}`]: 1 }),
  "multipart with line feeds": (secret) =>
    body("multipart/form-data; boundary=X", `--X\nContent-Disposition: form-data; name="pin"\n\n${secret}\n--X--\n`),
  "multipart with another boundary": (secret) => body("multipart/form-data; boundary=X", `--Y\r\n\r\npassword=${secret}`),
  ...Object.fromEntries(
    Object.entries(texts).flatMap(([title, make]): [string, Place][] => [
      ...["text/plain", "text/html", "application/xml", "image/png", "application/pdf", "application/octet-stream", null].map(
        (type): [string, Place] => [`${title} as ${type ?? "no type"}`, (secret) => body(type, make(secret))],
      ),
      [`${title} in a JSON string`, (secret) => inJson({ message: [make(secret)] })],
      [
        `${title} in a multipart field`,
        (secret) =>
          body("multipart/form-data; boundary=XX", `--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n${make(secret)}\r\n--XX--\r\n`),
      ],
      [`${title} in a form field`, (secret) => body(form, `a=${escape(make(secret))}`)],
    ]),
  ),
};

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
const anySecret = fc.string({ unit: fc.constantFrom(...alphabet.split("")), minLength: 12, maxLength: 24 }).map((random) => `Z${random}9`);
const tokenOf = (secret: string): string => redactor.target(`/?token=${secret}`).slice("/?token=".length);
/** Places where more than the secret goes: credentials with a user, phrases, text too deep. */
const withMore = /basic credentials|alone|phrase|block|deeper|another boundary|broken JSON called/i;

describe("redaction by place", () => {
  it.each(Object.entries(places))("leaves nothing of a secret in %s", (place, make) => {
    fc.assert(
      fc.property(anySecret, (secret) => {
        for (const mode of ["token", "mask", "drop"] as const) {
          const by = new Redactor({ key, mode });
          const once = by.exchange(make(secret));
          const stored = everywhere(once);
          expect(stored).not.toContain(secret);
          expect(stored).not.toContain(Buffer.from(`bob:${secret}`).toString("base64").replace(/=+$/, ""));
          const expected = mode === "token" && !withMore.test(place) ? [tokenOf(secret)] : [];
          expect(expected.filter((token) => !stored.includes(token))).toEqual([]);
          expect(plain(by.exchange(once))).toEqual(plain(once));
        }
      }),
      { numRuns: 5 },
    );
  });

  it("makes one token of one secret with signs in it, whatever escapes it stood in", () => {
    const secret = `a/b"c<d>&e=é\\f`;
    const expected = tokenOf(escape(secret));
    for (const make of [
      (): Exchange => inJson({ password: secret }),
      (): Exchange => at(`/?sid=${escape(secret)}`),
      (): Exchange => at(`/?n=${escape(`/?sid=${escape(secret)}`)}`),
      (): Exchange => body("text/plain", `x see http://x/?sid=${escape(secret)}&a=1 x`),
      (): Exchange => body("text/xml", "<sid>a/b&quot;c&lt;d&gt;&amp;e=&#233;\\f</sid>"),
      (): Exchange => body("text/xml", "<a sid='a/b&quot;c&lt;d&gt;&amp;e=&#xe9;\\f'/>"),
      (): Exchange => body("text/javascript", `x = {password: ${JSON.stringify(secret)}}`),
    ]) {
      expect(everywhere(redactor.exchange(make()))).toContain(expected);
    }
  });

  it("sets the length of changed bodies under every label", () => {
    for (const type of ["image/png", "text/xml", form, json]) {
      const content = type === json ? '{"sid":"abc"}' : type === form ? "sid=abc" : "<sid>abc</sid>";
      const { headers, body: after } = redactor.exchange(
        sent(
          "/",
          [
            ["Content-Type", type],
            ["Content-Length", String(content.length)],
          ],
          text(content),
        ),
      ).request;
      expect(headers[1]?.[1]).toBe(String(after.kind === "whole" ? after.bytes.length : -1));
      expect(headers[1]?.[1]).not.toBe(String(content.length));
    }
  });
});

describe("what is no secret", () => {
  const harmless = {
    id: 17,
    uuid: "0b9e3c1e-6d0f-4b5c-9a51-0123456789ab",
    author: "Ann",
    authors: ["Bob"],
    design: "flat",
    designation: "x",
    signal: 3,
    spin: "up",
    spinner: true,
    shipping: "DHL",
    opinion: "good: yes",
    keyboard: "qwerty",
    passenger: "Carl",
    compass: "north",
    passive: 1,
    sidebar: "left",
    side: "a",
    inside: "b",
    sessions_count: 4,
    sessionTimeout: 30,
    token_type: "Bearer",
    tokenizer: "bpe",
    tokenCount: 12,
    max_tokens_limit: 5,
    hotpot: "soup",
    price: 12.5,
    "proxy-connection": "close",
    date: "2024-01-02T03:04:05Z",
    next: "/items?page=2&sort=name#top",
    description: "A harmless text: it tells of 3 things, e.g. a design = good; see https://shop.example/a;b=c?x=%20y",
  };

  it("stays as it is, byte by byte, under every label", () => {
    const content = JSON.stringify(harmless, null, 2).replace("12.5", "12.50");
    for (const type of [json, "text/plain", "text/html", "image/png", null, form]) {
      const before = body(type, content);
      expect(redactor.exchange(before).request.body, String(type)).toBe(before.request.body);
    }
    const beside = redactor.exchange(inJson({ ...harmless, password: "S" })).request.body;
    expect(beside.kind === "whole" && JSON.parse(Buffer.from(beside.bytes).toString())).toEqual({ ...harmless, password: tokenOf("S") });
  });

  it("stays in targets and headers, too", () => {
    for (const target of ["/design/12;v=1?author=a&signal=b&side=c&page=2&q=a%20b+c&next=%2Fx%3Fy%3D1#part", "/auth/login?pinned=1", "*"]) {
      expect(redactor.target(target)).toBe(target);
    }
    const headers: HeaderList = [
      ["Host", "auth:8080"],
      ["Proxy-Connection", "keep-alive"],
      ["User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:1.0) Gecko/1"],
      ["Date", "Sat, 22 Nov 2025 10:00:00 GMT"],
      ["Accept", "text/html;q=0.8, */*;q=0.1"],
      ["Access-Control-Allow-Headers", "Authorization, X-Csrf-Token, Sid"],
      ["Content-Security-Policy", "default-src 'self'; img-src https://*:443"],
      ["Vary", "Cookie, Authorization"],
      ["WWW-Authenticate", 'Bearer realm="shop", error="invalid_request"'],
      ["Referer", "http://shop/items?page=2;x=1&q=a%2Fb"],
    ];
    expect(redactor.exchange(sent("/", headers, { kind: "none" })).request.headers).toEqual(headers);
  });

  it("stays in GraphQL: declared variables and their types", () => {
    const query = "query Q($sessionId: ID!, $token: String) { session(id: $sessionId, token: $token) { title } }";
    const before = inJson({ query, variables: { page: 2 } });
    expect(redactor.exchange(before).request.body).toBe(before.request.body);
  });

  it("stays in prose and markup without patterns", () => {
    for (const content of [
      "Your password has been changed. The basic information of the bearer certificate; session over.",
      '<form id="f"><label for="password">Password</label> <input type="password" name="password"> <a id="forgot-password">Forgot?</a></form>',
      "const a = b == c ? d : e; // tokens\nif (token === null) return;",
    ]) {
      const before = body("text/html", content);
      expect(redactor.exchange(before).request.body, content).toBe(before.request.body);
    }
  });
});

/** Pieces of all grammars in any order. */
const soup = fc
  .array(
    fc.constantFrom(
      ...["password", "sid", "token", "a", "$token", "Cookie", "api key", "Bearer ", "Basic ", "Authorization", "-", "name", "value"],
      ...[
        "=",
        ":",
        ": ",
        " = ",
        "=>",
        '"',
        "'",
        "`",
        '\\"',
        "\\",
        "\\n",
        "\n",
        "\n  ",
        "\r\n",
        " ",
        ",",
        ";",
        "&",
        "?",
        "#",
        "/",
        "%",
        "%3D",
        "%22",
      ],
      ...[
        "%253D",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "</",
        "/>",
        "<password>",
        "</password>",
        "<![CDATA[",
        "]]>",
        "&quot;",
        "&amp;",
        "&#39;",
      ],
      ...[
        "<input name=sid value=",
        "http://x/",
        "://u:p@",
        "data:",
        "|",
        "- ",
        "x",
        "123",
        "tok_",
        "***",
        "true",
        "\u00e9",
        "\u00c3\u00a9",
        '{"a":"',
      ],
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(""));

describe("redaction of anything", () => {
  it("never throws, and done twice is done once", () => {
    fc.assert(
      fc.property(soup, fc.constantFrom("token" as const, "mask" as const, "drop" as const), (content, mode) => {
        const by = new Redactor({ key, mode });
        for (const make of [
          (): Exchange => body("text/plain", content),
          (): Exchange => body(form, content),
          (): Exchange => inJson({ a: content, [content]: 1 }),
          (): Exchange => at(`/${content}`),
          (): Exchange => header("X", content),
          (): Exchange => header("Cookie", content),
        ]) {
          const once = by.exchange(make());
          expect(plain(by.exchange(once))).toEqual(plain(once));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it.each(
    [
      ...[
        "<password>",
        "<password ",
        '<a b="',
        "<a b='",
        "<![CDATA[",
        "<x sid=",
        "</password>",
        "&quot;sid&quot;:",
        "password:",
        "password: ",
        'token=\\"',
      ],
      ...[
        "token={",
        "token={a}x ",
        "token={token=}x",
        "token=}",
        "'token: a ",
        "sid:\n",
        "sid:\n  a\n",
        "sid: |\n",
        "a?sid=%",
        "/x;sid=",
        "%3Bsid%3D",
      ],
      ...[
        "%25",
        "Bearer ",
        "Basic aaaaaaaa ",
        "Cookie: a=b; ",
        "$token: A",
        "$token",
        "$a:A ",
        "api key ",
        "callback(",
        '{"sid":"',
        "sid=a;",
        "x&sid",
        "token: a, ",
      ],
      ...['\\\\\\"', 'sid="\\', "[{", "a.", "sid = a b\n", "token=[", "token:'\\'", "{\n", "data:{\n", "[\n"],
    ].map((unit) => [unit]),
    // Far above what linear time takes, far below quadratic (minutes).
  )("gets through a megabyte of %j", { timeout: 60_000 }, (unit) => {
    const [content, head] = [1_000_000, 250_000].map((length) => `${unit.repeat(Math.ceil(length / unit.length))} password`);
    // The answer is redacted by the same code as the request: once is enough. A head is never longer than 64 KiB.
    for (const { request } of [body("text/plain", content ?? ""), header("X", head ?? ""), inJson([content])])
      redactor.exchange(plainExchange({ request }));
    expect(redactor.target(`/?a=${head}`).length).toBeGreaterThan(0);
  });
});
