import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, type Body, type HeaderList, type HttpRequest, noBody, type Outcome } from "../../model/exchange.ts";
import { milliseconds } from "../../model/units.ts";
import { type Cleaner, type PutIn, SentSecrets } from "../../target/sent-secrets/sent-secrets.ts";

const token = (name: string): string => `tok_${name.padEnd(22, "0")}`;
const stands = token("A");
const hard = 'k9Zq/7+v"x\\Tt3&b<L=';
const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
const request: HttpRequest = { method: "GET", target: "/", version: "1.1", headers: [], body: noBody };
const took = milliseconds(1);

function cleanerOf(...putIn: readonly PutIn[]): Cleaner {
  return new SentSecrets().without(request, putIn);
}

function answered(text: string | Uint8Array, type = "text/plain", more: HeaderList = []): Outcome {
  const body: Body = { kind: "whole", bytes: typeof text === "string" ? Buffer.from(text) : text };
  const headers: HeaderList = [["Content-Type", type], ["Content-Length", String(body.bytes.length)], ...more];
  return { kind: "answered", answer: { status: 200, reason: "OK", headers, body }, firstByteMs: took, tookMs: took };
}

function answerOf(outcome: Outcome): Answer {
  if (outcome.kind !== "answered") throw new Error("not answered");
  return outcome.answer;
}

function bytesOf(outcome: Outcome): Buffer {
  const { body } = answerOf(outcome);
  return body.kind === "whole" ? Buffer.from(body.bytes) : Buffer.alloc(0);
}

const textOf = (outcome: Outcome): string => bytesOf(outcome).toString("utf8");

describe("a secret in an answer", () => {
  it("that is one of several lines is replaced as a line, though it is base64 of another and the next line looks like more of it", () => {
    // Without padding, so that nothing ends the base64 but the line.
    const pair = "ada:Kq7mZ2vL9p4Txw";
    const encoded = Buffer.from(pair).toString("base64");
    expect(encoded).not.toContain("=");
    const [first, second] = ["Zr8wQ1nM5xB2kD7h", "Gt6yU3pL0sV9cF4j"];
    const cleaner = cleanerOf(
      ...[
        [pair, "A"],
        [first, "B"],
        [second, "C"],
      ].map(([secret = "", name = ""]) => ({ secret, stands: token(name) })),
    );
    const lines = (...parts: readonly string[]): string => textOf(cleaner.outcome(answered(parts.join("\n"))));
    expect(lines(encoded, first, second).split("\n").slice(1)).toEqual([token("B"), token("C")]);
  });

  const escapes: readonly [name: string, escape: (secret: string) => string][] = [
    ["as it is", (secret) => secret],
    ["as JSON", (secret) => JSON.stringify(secret).slice(1, -1)],
    ["as JSON in JSON in JSON", (secret) => JSON.stringify(JSON.stringify(JSON.stringify(secret))).replaceAll(/^[\\"]+|[\\"]+$/g, "")],
    ["as PHP writes JSON", (secret) => JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/")],
    [
      "as .NET writes JSON",
      (secret) => secret.replace(/[^A-Za-z0-9]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`),
    ],
    ["in a URL", encodeURIComponent],
    ["in a URL in a URL", (secret) => encodeURIComponent(encodeURIComponent(secret))],
    [
      "in markup",
      (secret) =>
        secret.replace(
          /[&<>"'=+/\\]/g,
          (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? `&#x${c.charCodeAt(0).toString(16)};`,
        ),
    ],
  ];

  it.each(escapes)("%s is replaced, and what is around it stays", (_, escape) => {
    const cleaned = cleanerOf({ secret: hard, stands }).outcome(answered(`before ${escape(hard)} after`));
    expect(textOf(cleaned)).toBe(`before ${stands} after`);
    expect(answerOf(cleaned).headers).toContainEqual(["Content-Length", String(bytesOf(cleaned).length)]);
  });

  it("is found whatever it is made of, wherever it stands, and nothing is replaced where none is", () => {
    const secrets = fc
      .string({ unit: fc.constantFrom(...Array.from("aB3xZ9q7/+=&%\"\\'<> ÿé-_.~")), minLength: 6, maxLength: 40 })
      .filter((s) => s.trim() === s && s.length >= 8 && /[A-Za-z]/.test(s) && /\d/.test(s));
    const around = fc.string({ unit: fc.constantFrom(...Array.from("mnop {}:,;?")), maxLength: 20 });
    const spelling = fc.constantFrom(
      (s: string) => s,
      (s: string) => JSON.stringify(s).slice(1, -1),
      encodeURIComponent,
    );
    fc.assert(
      fc.property(secrets, around, around, spelling, (secret, before, after, spell) => {
        const putIn = { secret: bytes(secret), stands };
        const cleaned = cleanerOf(putIn).outcome(answered(`${before} ${spell(secret)} ${after}`));
        expect(textOf(cleaned)).toBe(`${before} ${stands} ${after}`);
        const other = answered(`${before} ${after}`);
        expect(cleanerOf(putIn).outcome(other)).toBe(other);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["", "x", "xy", "xyz", "user:"])("in base64 after %j is replaced within it, alike for secrets of other lengths", (before) => {
    const coded = (secret: string): string => {
      const text = `a ${Buffer.from(`${before}${secret}; and more`).toString("base64")} b`;
      return textOf(cleanerOf({ secret, stands }).outcome(answered(text)));
    };
    const results = ["0123456789abcdefX", "fedcba98765432Yy", "0a1b2c3d4e5f6a7b8c9"].map(coded);
    expect(new Set(results).size).toBe(1);
    expect(Buffer.from(results[0]?.slice(2, -2) ?? "", "base64").toString()).toBe(`${before}${stands}; and more`);
  });

  it.each([
    ["gzip", gzipSync, gunzipSync],
    ["zstd", zstdCompressSync, zstdDecompressSync],
  ] as const)("in a body coded with %s is replaced, and the body is coded again", (coding, pack, unpack) => {
    const cleaned = cleanerOf({ secret: hard, stands }).outcome(answered(pack(`<${hard}>`), "text/plain", [["Content-Encoding", coding]]));
    expect(unpack(bytesOf(cleaned)).toString()).toBe(`<${stands}>`);
    expect(answerOf(cleaned).headers).toContainEqual(["Content-Length", String(bytesOf(cleaned).length)]);
  });

  it.each(["utf16le", "utf16be"])("in %s is replaced", (order) => {
    const wide = (text: string): Buffer => (order === "utf16le" ? Buffer.from(text, "utf16le") : Buffer.from(text, "utf16le").swap16());
    expect(bytesOf(cleanerOf({ secret: hard, stands }).outcome(answered(wide(`\ufeff${hard}ü`))))).toEqual(wide(`\ufeff${stands}ü`));
  });

  it("is replaced in status line, names and values of fields, trailers, failures and targets", () => {
    const cleaner = cleanerOf({ secret: hard, stands });
    const answer: Answer = {
      ...answerOf(answered("")),
      reason: `no ${hard}`,
      headers: [["X-A", hard]],
      trailers: [["X-B", encodeURIComponent(hard)]],
    };
    const cleaned = cleaner.outcome({ kind: "answered", answer, firstByteMs: took, tookMs: took });
    expect(answerOf(cleaned)).toMatchObject({ reason: `no ${stands}`, headers: [["X-A", stands]], trailers: [["X-B", stands]] });
    expect(cleaner.outcome({ kind: "reset", tookMs: took, detail: `with ${hard}` })).toEqual({
      kind: "reset",
      tookMs: took,
      detail: `with ${stands}`,
    });
    expect(cleaner.target(`/a/${encodeURIComponent(hard)}?b`)).toBe(`/a/${stands}?b`);
  });

  it("that an earlier request was given is replaced too, by what stood for it there", () => {
    const secrets = new SentSecrets();
    secrets.without(request, [{ secret: hard, stands }]);
    expect(textOf(secrets.without(request, []).outcome(answered(hard)))).toBe(stands);
    expect(textOf(secrets.without(request, [{ secret: hard, stands: token("B") }]).outcome(answered(hard)))).toBe(token("B"));
  });

  it("is found whole however long it is", () => {
    const long = Array.from({ length: 400 }, (_, index) => `${index}+/"\\é${hard}`).join("&");
    for (const [, escape] of escapes.filter(([name]) => !/JSON in JSON/.test(name) && !/NET/.test(name))) {
      expect(textOf(cleanerOf({ secret: bytes(long), stands }).outcome(answered(`<${escape(long)}>`)))).toBe(`<${stands}>`);
    }
    const strange = 'é"ÿ'.repeat(20_000);
    for (const spelling of [strange, JSON.stringify(strange).slice(1, -1), encodeURIComponent(strange)]) {
      expect(textOf(cleanerOf({ secret: bytes(strange), stands }).outcome(answered(`<${spelling}>`)))).toBe(`<${stands}>`);
    }
  });

  it("costs no more in texts that were made to be slow", () => {
    const secret = `ab${"\\".repeat(30)}1234${"%25".repeat(20)}&&&&""""k9Zq7vTt3bL`;
    const core = Buffer.from(secret).toString("base64").slice(4, 40);
    const hostile = [`${"\\".repeat(200)}1234`, "1234".repeat(50), `1234${"%25".repeat(100)}`, "&amp;amp;".repeat(50), core.repeat(20)];
    const cleaner = cleanerOf({ secret, stands });
    // A reading that goes back over what it has read would never end.
    for (const text of hostile) expect(textOf(cleaner.outcome(answered(text.repeat(100))))).not.toContain(secret);
  });

  it("is forgotten when more were used since than there is room for", () => {
    const secrets = new SentSecrets({ capacity: 10 });
    const values = Array.from({ length: 20 }, () => randomBytes(12).toString("hex"));
    for (const secret of values) secrets.without(request, [{ secret, stands }]);
    const all = secrets.without(request, []).outcome(answered(values.join(" ")));
    expect(textOf(all)).toBe([...values.slice(0, 10), ...values.slice(10).map(() => stands)].join(" "));
  });
});

describe("a secret that hides in a reading of the answer", () => {
  const text = 'before "k" and then ';
  const base64 = (value: string): string => Buffer.from(value).toString("base64");
  const json = (value: string): string => JSON.stringify(value).slice(1, -1);
  const php = (value: string): string => json(value).replaceAll("/", "\\/");
  const dotNet = (value: string): string => value.replace(/[^\w .-]/g, (c) => `\\u00${hexOf(c).toUpperCase()}`);
  const markup = (value: string): string =>
    value.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);
  const hexOf = (c: string): string => c.charCodeAt(0).toString(16).padStart(2, "0");
  const each = (value: string, escape: (c: string) => string): string => Array.from(value, escape).join("");
  const wrapped = (value: string, eol: string, columns = 76): string => value.replace(new RegExp(`.{${columns}}(?=.)`, "g"), `$&${eol}`);
  const quotedPrintable = (value: string): string =>
    value.replace(/[^\w +/.,-]/g, (c) => `=${hexOf(c).toUpperCase()}`).replace(/.{30}(?![0-9A-F]{0,2}$)/g, "$&=\r\n");
  const names: Readonly<Record<string, string>> = { "/": "&sol;", "+": "&plus;", "=": "&equals;", "@": "&commat;", "&": "&amp;" };
  const secrets = [hard, "Kq7mZ2vL@9p4T", "9f86d081884c7d65+/9a2feaa0c55a==", "aB1@cD2#eF3"];

  const spelt: readonly [name: string, spell: (secret: string) => string][] = [
    ["all letters as \\u", (secret) => each(secret, (c) => `\\u00${hexOf(c)}`)],
    ["all letters as \\u, in JSON", (secret) => json(each(secret, (c) => `\\u00${hexOf(c)}`))],
    ["all letters as \\x", (secret) => each(secret, (c) => `\\x${hexOf(c)}`)],
    ["all letters as %", (secret) => each(secret, (c) => `%${hexOf(c)}`)],
    ["all letters as %25", (secret) => each(secret, (c) => `%25${hexOf(c)}`)],
    ["all letters as &#x;", (secret) => each(secret, (c) => `&#x${hexOf(c)};`)],
    ["all letters as &#;", (secret) => each(secret, (c) => `&#${c.charCodeAt(0)};`)],
    ["some letters as &#;", (secret) => secret.replace(/[AZ79&<]/g, (c) => `&#${c.charCodeAt(0)};`)],
    ["signs by their names", (secret) => markup(secret).replace(/[/+=@]/g, (c) => names[c] ?? c)],
    ["JSON in markup", (secret) => markup(json(secret))],
    ["PHP's JSON in markup", (secret) => markup(php(secret))],
    ["PHP's JSON in a URL", (secret) => encodeURIComponent(php(secret))],
    [".NET's JSON in a URL", (secret) => encodeURIComponent(dotNet(secret))],
    ["a URL whose % JSON escapes", (secret) => encodeURIComponent(secret).replaceAll("%", "\\u0025")],
    ["quoted-printable", quotedPrintable],
    ["quoted-printable in JSON", (secret) => json(quotedPrintable(secret))],
  ];
  const ways = spelt.flatMap(([name, spell]) => secrets.map((secret) => [name, secret, spell] as const));

  it.each(ways)("written with %s is replaced (%s)", (_, secret, spell) => {
    const written = spell(secret);
    expect(textOf(cleanerOf({ secret, stands }).outcome(answered(`before <${written}> after`)))).toBe(`before <${stands}> after`);
  });

  const inBase64: readonly [name: string, spell: (secret: string) => string][] = [
    ["of PHP's JSON", (secret) => base64(`{"k":"${php(secret)}","n":1}`)],
    ["of .NET's JSON", (secret) => base64(`{"k":"${dotNet(secret)}","n":1}`)],
    ["of a form", (secret) => base64(`a=1&k=${encodeURIComponent(secret)}&n=1`)],
    ["in a URL", (secret) => encodeURIComponent(base64(`${text}>?>?${secret}?>?>`))],
    ["of a form in a URL", (secret) => encodeURIComponent(base64(`a=1&k=${encodeURIComponent(secret)}&n=1`))],
    ["with its signs by name", (secret) => base64(`>?>${secret}?>?>`).replace(/[/+=]/g, (c) => names[c] ?? c)],
    ...[20, 64, 76].flatMap((columns): [string, (secret: string) => string][] =>
      Array.from({ length: 3 }, (_, shift) => `${"-".repeat(45 + shift)}${text}`).flatMap((before, shift): typeof inBase64 => [
        [`in lines of ${columns} after ${shift}`, (secret) => wrapped(base64(before + secret + before), "\r\n", columns)],
        [`in lines of ${columns} after ${shift} in JSON`, (secret) => json(wrapped(base64(before + secret + before), "\n", columns))],
      ]),
    ),
  ];

  it.each(inBase64)("in base64 %s is replaced within it", (_, spell) => {
    for (const secret of secrets.slice(0, 3)) {
      const found = textOf(cleanerOf({ secret, stands }).outcome(answered(`(${spell(secret)})`)));
      const whole = found.slice(1, -1).replaceAll("%2F", "/").replaceAll("%2B", "+").replaceAll("&sol;", "/").replaceAll("&plus;", "+");
      const decoded = Buffer.from(whole.replaceAll(/\\r|\\n|\s/g, ""), "base64").toString();
      expect(decoded).toContain(stands);
      const spellings = [secret, php(secret), dotNet(secret), encodeURIComponent(secret)];
      expect(spellings.filter((spelling) => decoded.includes(spelling))).toEqual([]);
    }
  });

  it("is found though it has what looks like an escape, and hardly two letters in a row", () => {
    const secret = '%aa"aaa\\a9';
    expect(textOf(cleanerOf({ secret, stands }).outcome(answered(JSON.stringify({ secret }))))).toBe(`{"secret":"${stands}"}`);
  });

  it("leaves a text alone whose readings hold none", () => {
    const other = answered(
      `${each(hard.slice(0, 9), (c) => `\\u00${hexOf(c)}`)} %41 &#65; =3D\n${wrapped(base64(text.repeat(9)), "\r\n")}`,
    );
    expect(cleanerOf({ secret: hard, stands }).outcome(other)).toBe(other);
  });

  it("is replaced at its place, whatever is read before it and after it", () => {
    const around = fc.string({
      unit: fc.constantFrom("a", "%41", "\\u00e9", "\\ud83d\\ude00", "&eacute;", "&#233;", "=\n", "=3D", "\n", "é", "\\\\n"),
      maxLength: 30,
    });
    fc.assert(
      fc.property(around, around, fc.constantFrom(...ways), (before, after, [, secret, spell]) => {
        const cleaned = textOf(cleanerOf({ secret, stands }).outcome(answered(`${before}<${spell(secret)}>${after}`)));
        expect(cleaned).toBe(`${before}<${stands}>${after}`);
      }),
    );
  });

  it("costs no more where escapes are made of escapes", () => {
    const cleaner = cleanerOf({ secret: hard, stands });
    const hostile = [
      "%2525",
      "\\\\u005cu005c",
      "&amp;amp;#37;",
      "=3D3D\n",
      `${base64(php(hard)).slice(0, 12)}%252541`,
      "A".repeat(20) + "\n",
    ];
    for (const part of hostile) expect(textOf(cleaner.outcome(answered(part.repeat(5000))))).not.toContain(hard);
  });
});

describe("what is taken for a word", () => {
  const secretOnes = [
    "Kq7mZ2vL@9p4T",
    "aB1@cD2#eF3",
    "Sommer2024",
    "ada:password",
    "Passwort!",
    "correct horse battery staple",
    "x<y>&z,(1)",
  ];
  const plainOnes = ["password", "Passwort", "light-mode", "20251122", "2025-11-22T10:00:00Z", "ada@shop.example", "/orders/list", "en-US"];

  it.each(secretOnes)("is not %j: it is replaced in words, and in answers to others", (secret) => {
    const secrets = new SentSecrets();
    secrets.without(request, [{ secret, stands }]);
    expect(textOf(secrets.without(request, []).outcome(answered(`x${secret}y`)))).toBe(`x${stands}y`);
  });

  it.each(plainOnes.filter((word) => word.length >= 6))("is %j: only whole, and in answers to its own request", (secret) => {
    const secrets = new SentSecrets();
    const own = secrets.without(request, [{ secret, stands }]);
    expect(textOf(own.outcome(answered(`x${secret}y, ${secret}.`)))).toBe(`x${secret}y, ${stands}.`);
    expect(textOf(secrets.without(request, []).outcome(answered(secret)))).toBe(secret);
  });
});

describe("a word or number that was put in", () => {
  const cleaner = cleanerOf({ secret: "password", stands }, { secret: "483920", stands: token("N") });

  it.each([
    ["a whole word", "the password is: password", `the ${stands} is: ${stands}`],
    ["no part of a word", "passwords, mypassword, password2", "passwords, mypassword, password2"],
    ["after an escape", "a%2Fpassword\\npassword", `a%2F${stands}\\n${stands}`],
    ["no part of a number", "1483920 4839201 0.483920 483920.5", "1483920 4839201 0.483920 483920.5"],
  ])("is replaced as %s", (_, before, after) => {
    expect(textOf(cleaner.outcome(answered(before)))).toBe(after);
  });

  it("keeps JSON what it is: keys stay, and numbers become strings", () => {
    const json = '{"password":"password","n":483920,"list":[483920,"483920"],"483920":"x, 483920, y"}';
    const n = token("N");
    expect(textOf(cleaner.outcome(answered(json, "application/json")))).toBe(
      `{"password":"${stands}","n":"${n}","list":["${n}","${n}"],"483920":"x, ${n}, y"}`,
    );
  });

  it("is not looked for in answers to other requests, and nothing shorter than six characters ever", () => {
    const secrets = new SentSecrets();
    secrets.without(request, [{ secret: "password", stands }]);
    const other = answered("password dark 1x2y3");
    expect(
      secrets
        .without(request, [
          { secret: "dark", stands },
          { secret: "1x2y3", stands },
        ])
        .outcome(other),
    ).toBe(other);
  });
});
