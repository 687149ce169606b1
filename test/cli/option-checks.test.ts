/** Options that were once taken without a word and did nothing, or not what they said. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { resolveOptions } from "../../cli/resolve.ts";
import { checkCompanions } from "../../cli/sidecar/companions.ts";
import { entranceMaker } from "../../cli/sidecar/forwarding.ts";
import { trustedCertificates } from "../../cli/sidecar/tls.ts";
import { origin, token } from "../../cli/values.ts";
import { temporaryDirectories } from "../recording/temporary-directory.ts";

const directory = temporaryDirectories();
const certificate = fileURLToPath(new URL("../proxy/live/tls/loopback-cert.pem", import.meta.url));

describe("options that need another one", () => {
  const names = [
    ...(["candidate", "control", "run", "mirror-writes", "mirror-deny", "mirror-timeout", "mirror-answer-cap"] as const),
    ...(["mirror-credentials", "header", "mirror-in-flight", "admin", "admin-token", "ui", "ui-host"] as const),
  ] as const;

  it.each([
    ["control", "http://127.0.0.1:2"],
    ["run", "run"],
    ["mirror-writes", "true"],
    ["mirror-deny", "/logout"],
    ["mirror-timeout", "1s"],
    ["mirror-answer-cap", "1MiB"],
    ["mirror-credentials", "drop"],
    ["header", "A: b"],
    ["mirror-in-flight", "3"],
    ["ui", "8090"],
  ])("--%s is refused without a candidate", (name, value) => {
    expect(() => checkCompanions(resolveOptions(names, { [name]: [value] }, {}))).toThrow(`--${name} needs a candidate`);
    expect(() => checkCompanions(resolveOptions(names, { [name]: [value], candidate: ["http://127.0.0.1:1"] }, {}))).not.toThrow();
  });

  it("--ui-host is refused without --ui", () => {
    const candidate = ["http://127.0.0.1:1"];
    expect(() => checkCompanions(resolveOptions(names, { candidate, "ui-host": ["shop"] }, {}))).toThrow("--ui-host needs a dashboard");
    expect(() => checkCompanions(resolveOptions(names, { candidate, "ui-host": ["shop"], ui: ["0"] }, {}))).not.toThrow();
  });

  it("--admin-token is refused without --admin, and nothing is when nothing is given", () => {
    expect(() => checkCompanions(resolveOptions(names, { "admin-token": ["abc"] }, {}))).toThrow("--admin-token needs an admin interface");
    expect(() => checkCompanions(resolveOptions(names, { "admin-token": ["abc"], admin: ["9000"] }, {}))).not.toThrow();
    expect(() => checkCompanions(resolveOptions(names, {}, {}))).not.toThrow();
  });
});

describe("certificates to trust", () => {
  const pem = readFileSync(certificate, "utf8");
  const fileOf = (text: string): string => {
    const path = join(directory(), "ca.pem");
    writeFileSync(path, text);
    return path;
  };

  it("are all read: a broken second one is told", () => {
    expect(trustedCertificates(fileOf(`# ours\n${pem}\n# theirs\n${pem}`))).toContain("# theirs");
    const broken = pem.replace(/\n[A-Za-z0-9+/=]{10}/, "\n0000000000");
    expect(() => trustedCertificates(fileOf(pem + broken))).toThrow(/certificate 2 of .* cannot be read/);
    expect(() => trustedCertificates(fileOf(`${pem}-----BEGIN CERTIFICATE-----\ncut`))).toThrow(/certificate 2 of/);
    expect(() => trustedCertificates(fileOf("no certificate"))).toThrow("holds no certificate");
  });

  it("are refused where no primary is asked for one", async () => {
    const names = [
      ...(["forward", "on-primary-down", "tls-cert", "tls-key", "primary-ca", "proxy-protocol"] as const),
      ...(["route", "rewrite-host", "forwarded", "strip-prefix", "add-prefix"] as const),
    ] as const;
    const given = resolveOptions(names, { "primary-ca": [certificate] }, {});
    await expect(entranceMaker(given, new URL("http://127.0.0.1:1"))).rejects.toThrow("--primary-ca is for an https primary");
    await expect(entranceMaker(given, new URL("https://127.0.0.1:1"))).resolves.toBeTypeOf("function");
  });
});

describe("values", () => {
  it.each([" ", "", "a b", "schlüssel", "a\tb", "a\nb"])("a token cannot be %j, which no header can carry as it is", (value) => {
    expect(() => token(value, "--admin-token")).toThrow("--admin-token is nothing that a header can carry");
  });

  it("an origin has a port to which one can connect", () => {
    expect(() => origin("http://127.0.0.1:0", "--primary")).toThrow('--primary cannot be "http://127.0.0.1:0"');
  });

  it("a configuration file gives a list only to options that take one", () => {
    const config = join(directory(), "penumbra.yaml");
    writeFileSync(config, "sample: [10%, 20%]\n");
    expect(() => resolveOptions(["sample", "config"], { config: [config] }, {})).toThrow(/sample in .* takes one value, not a list/);
    writeFileSync(config, "mirror-deny: [/a, /b]\n");
    expect(resolveOptions(["mirror-deny", "config"], { config: [config] }, {})["mirror-deny"]).toEqual(["/a", "/b"]);
  });
});
