/** The files under deploy/ and action.yml: in the form that their hosts read, with options that exist and values that they take. */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { loadCommands } from "../../cli/commands.ts";
import { type OptionName, type OptionSpec, options } from "../../cli/options.ts";
import { environmentName, resolveOptions } from "../../cli/resolve.ts";

const commands = await loadCommands(undefined);
const scratch = mkdtempSync(join(tmpdir(), "penumbra-deploy-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, "utf8");
const files = ["action.yml", ...globSync("deploy/**/*.*"), "deploy/docker/Dockerfile"].filter((path) => !path.endsWith(".json"));
/** Of npm and Docker. */
const othersFlags: readonly string[] = [
  "--omit",
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--from",
  "--no-healthcheck",
  "--interval",
  "--start-period",
];
const optionVariables = new Set(Object.keys(options).map(environmentName));

/** What a command makes of `--name=value` and `--name value`. */
function checkArguments(command: string, args: readonly string[]): void {
  const known = commands.find(({ name }) => name === command)?.optionNames ?? [];
  const words = args.flatMap((word) => (word.startsWith("--") && word.includes("=") ? split(word) : [word]));
  for (let at = 0; at < words.length; at += 2) {
    const name = (words[at] ?? "").replace(/^--/, "");
    expect(known, `${command} --${name}`).toContain(name);
    const spec: OptionSpec<unknown> = options[name as OptionName];
    if (name !== "config") spec.read([words[at + 1] ?? ""], `--${name}`);
  }
}

function split(word: string): string[] {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}

describe.each(files)("%s", (path) => {
  it("names flags and variables that exist", () => {
    const text = read(path);
    const flags = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag).filter((flag) => !othersFlags.includes(flag));
    expect(flags.filter((flag) => !Object.hasOwn(options, flag.slice(2)))).toEqual([]);
    const variables = [...text.matchAll(/PENUMBRA_[A-Z_]*[A-Z]/g)].map(([variable]) => variable);
    expect(variables.filter((variable) => !optionVariables.has(variable))).toEqual([]);
  });
});

describe("action.yml", () => {
  const step = z.strictObject({
    name: z.string().optional(),
    id: z.string().optional(),
    if: z.string().optional(),
    uses: z.string().optional(),
    with: z.record(z.string(), z.string()).optional(),
    shell: z.literal("bash").optional(),
    env: z.record(z.string(), z.string()).optional(),
    run: z.string().optional(),
    "continue-on-error": z.boolean().optional(),
  });
  const action = z
    .strictObject({
      name: z.string(),
      description: z.string().max(125),
      branding: z.strictObject({ icon: z.string(), color: z.string() }),
      inputs: z.record(
        z.string(),
        z.strictObject({ description: z.string(), required: z.boolean().optional(), default: z.string().optional() }),
      ),
      outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
      runs: z.strictObject({ using: z.literal("composite"), steps: z.array(step) }),
    })
    .parse(parse(read("action.yml")));

  it("has inputs, each used, and steps with a shell where they run something", () => {
    for (const { run, shell, uses } of action.runs.steps) expect(run === undefined ? uses : shell).toBeDefined();
    const used = new Set([...read("action.yml").matchAll(/\$\{\{ inputs\.([\w-]+) \}\}/g)].map(([, name = ""]) => name));
    expect([...used].toSorted()).toEqual(Object.keys(action.inputs).toSorted());
  });

  it("never puts what others wrote into a line of shell", () => {
    expect(action.runs.steps.map(({ run = "" }) => run).filter((run) => run.includes("${{"))).toEqual([]);
  });

  /** The script with a Node that notes its arguments, writes a report and ends as it is told. */
  const replay = (code: number, inputs: Readonly<Record<string, string>>): { args: string[]; outputs: string; summary: string } => {
    const bin = mkdtempSync(join(scratch, "bin-"));
    const node = join(bin, "node");
    writeFileSync(node, `#!/bin/sh\nprintf '%s\\n' "$@" >"${bin}/args"\nexit ${code}\n`);
    chmodSync(node, 0o755);
    const temp = mkdtempSync(join(bin, "temp-"));
    const empty = {
      RECORDING: "",
      CANDIDATE: "",
      CONTROL: "",
      FAIL_ON: "",
      ACCEPT: "",
      CONFIG: "",
      WRITES: "",
      RESET: "",
      ARGUMENTS: "",
    };
    const places = { RUNNER_TEMP: temp, GITHUB_OUTPUT: join(bin, "output"), GITHUB_STEP_SUMMARY: join(bin, "summary"), ACTION: "/action" };
    const env = { ...empty, ...inputs, ...places, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const ended = spawnSync("bash", ["deploy/github/replay.sh"], { env, encoding: "utf8", timeout: 20_000 });
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    return {
      args: read(join(bin, "args")).trimEnd().split("\n"),
      outputs: read(join(bin, "output")),
      summary: places.GITHUB_STEP_SUMMARY,
    };
  };

  it("hands its inputs over as they are, and tells the verdict by the exit code", () => {
    const { args, outputs, summary } = replay(1, {
      ...{ RECORDING: "a b.penumbra\nc.penumbra\n", CANDIDATE: "http://127.0.0.1:9001", CONTROL: "http://127.0.0.1:9002" },
      ...{ FAIL_ON: "medium", RESET: "./reset.sh; id", ARGUMENTS: "--writes\n--header\nX-Shadow: $(id)\n" },
    });
    const report = args.findIndex((each) => each === "--out");
    expect(args.slice(0, report)).toEqual([
      ...["/action/cli/main.ts", "replay", "a b.penumbra", "c.penumbra", "--candidate", "http://127.0.0.1:9001", "--fail-on", "medium"],
      ...["--control", "http://127.0.0.1:9002", "--reset", "./reset.sh; id"],
      ...["--writes", "--header", "X-Shadow: $(id)"],
    ]);
    checkArguments("replay", args.slice(report));
    expect(replay(0, { RECORDING: "a", CANDIDATE: "http://127.0.0.1:9001" }).args).not.toContain("--fail-on");
    expect(outputs).toMatch(/^folder=.+\ncode=1\nverdict=fail\n$/);
    expect(args).toContain(`github=${summary}`);
  });

  it.each([
    [0, "pass"],
    [3, "inconclusive"],
    [2, "error"],
    [70, "error"],
  ])("calls exit code %i %s", (code, verdict) => {
    expect(replay(code, { RECORDING: "a" }).outputs).toContain(`code=${code}\nverdict=${verdict}\n`);
  });
});

describe("the Kubernetes manifests", () => {
  const folder = "deploy/kubernetes";
  const manifest = (name: string): unknown => parseAllDocuments(read(join(folder, name))).map((document) => document.toJS() as unknown)[0];
  const probe = z.looseObject({ httpGet: z.strictObject({ path: z.enum(["/healthz", "/readyz"]), port: z.literal("penumbra-admin") }) });
  const sidecar = z.looseObject({
    name: z.literal("penumbra"),
    restartPolicy: z.literal("Always"),
    args: z.array(z.string()),
    ports: z.array(z.strictObject({ name: z.string(), containerPort: z.int() })),
    startupProbe: probe,
    readinessProbe: probe,
    livenessProbe: probe,
    resources: z.looseObject({ requests: z.looseObject({}), limits: z.strictObject({ memory: z.string() }) }),
    securityContext: z.looseObject({
      runAsNonRoot: z.literal(true),
      allowPrivilegeEscalation: z.literal(false),
      readOnlyRootFilesystem: z.literal(true),
    }),
    volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
  });
  const deployment = z
    .looseObject({
      kind: z.literal("Deployment"),
      spec: z.looseObject({
        template: z.looseObject({
          spec: z.looseObject({
            initContainers: z.tuple([sidecar]),
            containers: z.array(z.looseObject({ name: z.string() })),
            volumes: z.array(z.looseObject({ name: z.string() })),
          }),
        }),
      }),
    })
    .parse(manifest("deployment.yaml"));
  const { initContainers, volumes } = deployment.spec.template.spec;
  const [penumbra] = initContainers;

  it("start the sidecar with options that it takes, on the ports that are probed and served", () => {
    const [command = "", ...args] = penumbra.args;
    checkArguments(command, args);
    const portOf = (name: string): number | undefined => penumbra.ports.find((port) => port.name === name)?.containerPort;
    expect(args).toContain(`--listen=0.0.0.0:${portOf("http")}`);
    expect(args).toContain(`--admin=0.0.0.0:${portOf("penumbra-admin")}`);
    expect(penumbra.volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.map(({ name }) => name).toSorted());
  });

  it("name files that are there, and a configuration that can be read", () => {
    const kustomization = z
      .looseObject({ resources: z.array(z.string()), configMapGenerator: z.array(z.looseObject({ files: z.array(z.string()) })) })
      .parse(manifest("kustomization.yaml"));
    for (const name of [...kustomization.resources, ...kustomization.configMapGenerator.flatMap((each) => each.files)])
      expect(existsSync(join(folder, name)), name).toBe(true);
    const config = join(folder, "penumbra.config.yaml");
    expect(resolveOptions(["sample", "record-rate"], { config: [config] }, {})).toMatchObject({ sample: 0.1, "record-rate": 20 });
  });
});

describe("the systemd unit", () => {
  const unit = read("deploy/systemd/penumbra.service");

  it("starts the sidecar with options that it takes", () => {
    const [, line = ""] = /^ExecStart=\/usr\/bin\/env penumbra proxy (.*)$/m.exec(unit) ?? [];
    expect(line).toContain("--config ");
    checkArguments("proxy", line.split(" "));
  });

  const canVerify = spawnSync("systemd-analyze", ["--version"]).status === 0;
  it.runIf(canVerify)("is one that systemd reads without a complaint", () => {
    const verified = spawnSync("systemd-analyze", ["verify", "deploy/systemd/penumbra.service"], { encoding: "utf8", timeout: 20_000 });
    expect(verified).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("the GitLab snippet", () => {
  const { ".penumbra": job } = z
    .strictObject({
      ".penumbra": z.looseObject({
        variables: z.record(z.string(), z.string()),
        script: z.tuple([z.string()]),
        allow_failure: z.strictObject({ exit_codes: z.array(z.int()) }),
      }),
    })
    .parse(parse(read("deploy/gitlab/penumbra.gitlab-ci.yml")));

  /** The script in a shell whose `penumbra` notes what it was given. */
  const run = (shell: string, variables: Readonly<Record<string, string>>): { args: string[]; writes: string } => {
    const bin = mkdtempSync(join(scratch, "gitlab-"));
    const penumbra = join(bin, "penumbra");
    writeFileSync(penumbra, `#!/bin/sh\nprintf '%s\\n' "$@" >"${bin}/args"\nprintf %s "$PENUMBRA_WRITES" >"${bin}/writes"\n`);
    chmodSync(penumbra, 0o755);
    const env = { ...job.variables, ...variables, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    // With a socket for its standard input, bash takes itself for one that was called over a network, and reads its start-up files.
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const ended = spawnSync(shell, ["-eu", "-c", job.script[0]], { env, encoding: "utf8", timeout: 20_000, stdio: [...stdio] });
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    return { args: read(join(bin, "args")).trimEnd().split("\n"), writes: read(join(bin, "writes")) };
  };

  it("replays with options that exist, and lets an inconclusive run warn", () => {
    const { args, writes } = run("sh", {});
    expect(args.slice(0, 2)).toEqual(["replay", "recording"]);
    checkArguments("replay", args.slice(2));
    expect(args.filter((each) => ["--accept", "--config", "--reset", "--fail-on", ""].includes(each))).toEqual([]);
    expect(writes).toBe("");
    expect(job.allow_failure.exit_codes).toEqual([3]);
  });

  it.each(["sh", "bash"])("hands its variables over as they are, in %s", (shell) => {
    const { args, writes } = run(shell, {
      ...{ RECORDING: "a b.penumbra\nc.penumbra", CONTROL: "", FAIL_ON: "medium", ACCEPT: "accepted.yaml", CONFIG: "my config.yaml" },
      ...{ WRITES: "true", RESET: "./reset.sh; echo $(id)", ARGUMENTS: "--header\nX-Shadow: $(id) `id`\n" },
    });
    expect(args.slice(0, args.indexOf("--out"))).toEqual([
      ...["replay", "a b.penumbra", "c.penumbra", "--candidate", "http://candidate:9001", "--fail-on", "medium"],
      ...["--accept", "accepted.yaml", "--config", "my config.yaml", "--reset", "./reset.sh; echo $(id)"],
      ...["--header", "X-Shadow: $(id) `id`"],
    ]);
    expect(writes).toBe("true");
  });

  it("has a variable for each input of action.yml that is about the replay, and docs/ci.md has both", () => {
    const { inputs } = parse(read("action.yml")) as { readonly inputs: Readonly<Record<string, unknown>> };
    const ofGitHub = ["inconclusive", "artifact", "comment", "token"];
    const names = Object.keys(inputs).filter((name) => !ofGitHub.includes(name));
    expect(Object.keys(job.variables)).toEqual(names.map((name) => name.toUpperCase().replaceAll("-", "_")));
    const documented = read("docs/ci.md");
    for (const name of names) expect(documented).toContain(`| \`${name}\` | \`${name.toUpperCase().replaceAll("-", "_")}\` |`);
    for (const name of ofGitHub) expect(documented).toMatch(new RegExp(`\`${name}[\`:]`));
  });
});

describe("the Dockerfile", () => {
  const text = read("deploy/docker/Dockerfile");

  it("runs as somebody who is not root, asks for readiness, and copies files that there are", () => {
    const last = text.slice(text.lastIndexOf("\nFROM "));
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(last).toMatch(/^HEALTHCHECK .*\n.*\/readyz/m);
    expect(text).toContain("RUN npm run build");
    for (const [, names = ""] of text.matchAll(/^COPY (?!--)(\S+(?: \S+)*) \.\/$/gm))
      for (const name of names.split(" ")) expect(existsSync(name), name).toBe(true);
  });
});
