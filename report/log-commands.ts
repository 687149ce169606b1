/** What CI servers obey when they read it in a job's log, wherever it came from:
 *
 *    ::error title=a::b        GitHub, at the beginning of a line (spaces before it do not matter)
 *    ##[error]b                GitHub and Azure, anywhere in a line
 *    ##vso[task.x]b            Azure, anywhere
 *    ##teamcity[x]             TeamCity
 *
 * Everything that a reporter writes may end in such a log, so that recorded text is spelt otherwise there. (What begins with an
 * escape character, as GitLab's sections do, is made visible already.) */

/** The first character of such a command; with `m`, since a text has several lines. */
const hashes = /#(?=#\w*\[)/g;
const colonsAtBegin = /(?<=^\s*):(?=:)/gm;

/** `text` with the first character of every such command replaced.
 * @param spelling how the format writes a character without writing it */
export function withoutLogCommands(text: string, spelling: (character: string) => string): string {
  return text.replace(hashes, spelling).replace(colonsAtBegin, spelling);
}

/** As `visible` spells characters that act: `\u003a`. */
export function escapedCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
