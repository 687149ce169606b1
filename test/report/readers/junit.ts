/** JUnit XML by the strictest rules that a consumer checks before it reads: well-formed XML, then what Jenkins' XML Schema of the
 * format (junit-10) allows, then what it cannot say: counts are right and names unique. */

import { parseXml, XmlElement, XmlText } from "@rgrove/parse-xml";

export interface JunitCase {
  readonly classname: string;
  readonly name: string;
  readonly result: "passed" | "failed" | "skipped";
  /** Of the failure or of what was skipped. */
  readonly message: string;
  /** Of the failure. */
  readonly details: string;
  readonly output: string;
}

export interface JunitReport {
  readonly properties: ReadonlyMap<string, string>;
  readonly cases: readonly JunitCase[];
}

interface Rule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly children: readonly string[];
  /** Text that is not only space. */
  readonly text: boolean;
}

const outcome: Rule = { required: [], optional: ["type", "message"], children: [], text: true };
const output: Rule = { required: [], optional: [], children: [], text: true };
const rules: Readonly<Record<string, Rule>> = {
  testsuites: { required: [], optional: ["name", "time", "tests", "failures", "errors"], children: ["testsuite"], text: false },
  testsuite: {
    required: ["name", "tests", "failures", "errors"],
    optional: ["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
    children: ["properties", "testcase", "system-out", "system-err"],
    text: false,
  },
  properties: { required: [], optional: [], children: ["property"], text: false },
  property: { required: ["name", "value"], optional: [], children: [], text: false },
  testcase: {
    required: ["name"],
    optional: ["time", "classname", "group"],
    children: ["skipped", "error", "failure", "system-out", "system-err"],
    text: false,
  },
  failure: outcome,
  error: outcome,
  skipped: outcome,
  "system-out": output,
  "system-err": output,
};

/** @throws Error for what is not well-formed or breaks a rule */
export function readJunit(source: string): JunitReport {
  const { root } = parseXml(source);
  if (root === null || root.name !== "testsuites") throw new Error("the root is not <testsuites>");
  check(root);
  const [suite, ...others] = elementsOf(root);
  if (suite === undefined || others.length > 0) throw new Error("there is not one <testsuite>");
  const children = elementsOf(suite);
  const cases = children.filter(({ name }) => name === "testcase").map(caseOf);
  const names = new Set(cases.map(({ classname, name }) => `${classname}\n${name}`));
  if (names.size !== cases.length) throw new Error("two testcases have one name");
  checkCounts(root, cases, ["tests", "failures", "errors"]);
  checkCounts(suite, cases, ["tests", "failures", "errors", "skipped"]);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(suite.attributes["timestamp"] ?? "")) throw new Error("the timestamp is not one");
  const properties = children.filter(({ name }) => name === "properties").flatMap(elementsOf);
  return { cases, properties: new Map(properties.map(({ attributes }) => [attributes["name"] ?? "", attributes["value"] ?? ""])) };
}

function check(element: XmlElement): void {
  const rule = rules[element.name];
  if (rule === undefined) throw new Error(`<${element.name}> is not in the schema`);
  const attributes = Object.keys(element.attributes);
  const missing = rule.required.filter((name) => !attributes.includes(name));
  const unknown = attributes.filter((name) => !rule.required.includes(name) && !rule.optional.includes(name));
  if (missing.length > 0 || unknown.length > 0) throw new Error(`<${element.name}>: missing ${missing.join()}, unknown ${unknown.join()}`);
  const text = element.children.some((child) => child instanceof XmlText && child.text.trim() !== "");
  if (text && !rule.text) throw new Error(`text in <${element.name}>`);
  for (const child of elementsOf(element)) {
    if (!rule.children.includes(child.name)) throw new Error(`<${child.name}> in <${element.name}>`);
    check(child);
  }
}

function checkCounts(element: XmlElement, cases: readonly JunitCase[], attributes: readonly string[]): void {
  const having = (result: JunitCase["result"]): number => cases.filter((each) => each.result === result).length;
  const counts: Readonly<Record<string, number>> = {
    tests: cases.length,
    failures: having("failed"),
    errors: 0,
    skipped: having("skipped"),
  };
  for (const name of attributes) {
    if (element.attributes[name] !== String(counts[name])) throw new Error(`${name} of <${element.name}> is not ${counts[name]}`);
  }
}

function caseOf(element: XmlElement): JunitCase {
  const children = elementsOf(element);
  const named = (name: string): XmlElement | undefined => children.find((child) => child.name === name);
  const [failure, skipped] = [named("failure"), named("skipped")];
  if (failure !== undefined && skipped !== undefined) throw new Error("a testcase both failed and was skipped");
  return {
    classname: element.attributes["classname"] ?? "",
    name: element.attributes["name"] ?? "",
    result: failure !== undefined ? "failed" : skipped !== undefined ? "skipped" : "passed",
    message: (failure ?? skipped)?.attributes["message"] ?? "",
    details: failure?.text ?? "",
    output: named("system-out")?.text ?? "",
  };
}

function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => child instanceof XmlElement);
}
