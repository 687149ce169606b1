/** Byte strings (Latin-1, one character a byte) and the UTF-8 text that they spell. */

export function decodedBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

export function encodedBytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
