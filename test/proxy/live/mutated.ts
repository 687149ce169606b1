/** Bytes and texts that parsers stumble over, put into cases that are known to matter. */

const inserts = ["\r", "\n", "\0", " ", "\t", ":", ";", ",", "0", "\r\n", "\r\n\r\n", "\xff", "HTTP/1.1", "Transfer-Encoding: chunked\r\n"];

/** The case (in base64) with bytes taken out, put in, changed, doubled or cut off. */
export function mutated(base64: string, mutations: readonly (readonly [number, number])[]): Buffer {
  let text = Buffer.from(base64, "base64").toString("latin1");
  for (const [kind, choice] of mutations) {
    const at = text.length === 0 ? 0 : choice % text.length;
    const insert = inserts[choice % inserts.length] ?? "";
    const changes = [
      text.slice(0, at) + text.slice(at + 1),
      text.slice(0, at) + insert + text.slice(at),
      text.slice(0, at) + insert + text.slice(at + insert.length),
      text.slice(0, at) + text.slice(at >> 1),
      text.slice(0, at),
    ];
    text = changes[kind % changes.length] ?? text;
  }
  return Buffer.from(text, "latin1");
}
