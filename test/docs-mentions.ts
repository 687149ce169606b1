/** Finds what a Markdown document says about the repository: the paths and the commands that it mentions. */

/** A command as written, without prompt and without what it is piped into. */
export type Words = readonly string[];

/** Fenced blocks in these languages hold commands, one a line. */
const SHELL_LANGUAGES: readonly string[] = ["", "sh", "bash", "shell", "console"];

export class DocumentMentions {
  /** Targets of links that are neither addresses nor places in the document itself. */
  readonly links: readonly string[];
  /** Inline code that reads like a path from the repository's root. */
  readonly paths: readonly string[];
  readonly commands: readonly Words[];

  constructor(markdown: string, topFolders: readonly string[]) {
    const prose = markdown.replaceAll(/^```[^]*?^```/gm, "");
    const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
    this.links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^(https?:|mailto:|#)/.test(link));
    this.paths = inline.filter((code) => readsLikePath(code, topFolders));
    this.commands = [...shellLines(markdown), ...inline].flatMap(commandsIn);
  }
}

/** With a slash in it, and starting in one of our folders or ending like one of our files. */
function readsLikePath(code: string, topFolders: readonly string[]): boolean {
  if (!/^[\w.@-]+(\/[\w.@*-]*)+$/.test(code) || code.startsWith("..")) return false;
  return topFolders.includes(code.slice(0, code.indexOf("/"))) || /\.(ts|mjs|md)$/.test(code);
}

function shellLines(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(\w*)\n([^]*?)^```/gm)].filter((match) => SHELL_LANGUAGES.includes(match[1] ?? ""));
  return blocks.flatMap((match) => (match[2] ?? "").replaceAll(/\\\n\s*/g, " ").split("\n"));
}

/** The calls of npm and penumbra in one line of shell; comments and other programs are left out. */
function commandsIn(line: string): Words[] {
  const withoutComment = line.replace(/(^|\s)#.*$/, "").replace(/^\s*\$\s+/, "");
  return withoutComment
    .split(/\s*(?:&&|\|\|?|;|>|&)\s*/)
    .map((part) =>
      part
        .trim()
        .replace(/^(?:npx|[A-Z_]+=\S+)\s+/, "")
        .split(/\s+/),
    )
    .filter((words) => words[0] === "npm" || words[0] === "penumbra");
}
