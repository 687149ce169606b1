/** What CI servers find in a job's log, read as their runners read it: GitHub's takes `::name properties::data` at the beginning of a
 * line, however much space is before it, and it and Azure take `##[name properties]data` anywhere in a line. */

export interface LogCommand {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

/** GitHub's runner knows these, and heeds no case. */
const known: ReadonlySet<string> = new Set(
  "add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice remove-matcher save-state set-env set-output stop-commands warning".split(
    " ",
  ),
);

/** Every line of `log` that a runner would obey. */
export function logCommandsIn(log: string): LogCommand[] {
  return log.split(/\r\n|\n|\r/).flatMap((line) => {
    const command = atBegin(line) ?? anywhere(line) ?? vendors(line);
    return command === null ? [] : [command];
  });
}

function atBegin(line: string): LogCommand | null {
  const [, name = "", properties = "", data = ""] = /^\s*::([^ ]*?)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  if (!known.has(name.toLowerCase())) return null;
  return {
    name: name.toLowerCase(),
    properties: propertiesOf(properties, ",", [...dataEscapes, [":", "%3A"], [",", "%2C"]]),
    data: unescaped(data, dataEscapes),
  };
}

function anywhere(line: string): LogCommand | null {
  const [, name = "", properties = "", data = ""] = /##\[([^ \]]*)(?: ([^\]]*))?\](.*)$/.exec(line) ?? [];
  if (name === "") return null;
  return { name: name.toLowerCase(), properties: propertiesOf(properties, ";", dataEscapes), data: unescaped(data, dataEscapes) };
}

function vendors(line: string): LogCommand | null {
  const [, name = "", data = ""] = /##((?:vso|teamcity)\[[^\]]*)\](.*)$/i.exec(line) ?? [];
  return name === "" ? null : { name, properties: new Map(), data };
}

type Escape = readonly [character: string, escaped: string];
const dataEscapes: readonly Escape[] = [
  ["\r", "%0D"],
  ["\n", "%0A"],
];

function propertiesOf(source: string, separator: string, escapes: readonly Escape[]): Map<string, string> {
  const pairs = source
    .split(separator)
    .map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1)] as const);
  return new Map(pairs.filter(([name, value]) => name !== "" && value !== "").map(([name, value]) => [name, unescaped(value, escapes)]));
}

/** The percent sign comes last, as in the runner. */
function unescaped(text: string, escapes: readonly Escape[]): string {
  return escapes.reduce((current, [character, escaped]) => current.replaceAll(escaped, character), text).replaceAll("%25", "%");
}
