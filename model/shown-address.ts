/** Addresses for people: in errors and notes, never with the user and password that somebody wrote before the host. */

/** Whatever was given as an address; the last `@` ends what is left out. */
export function shownAddress(text: string): string {
  return text.includes("//") ? text.replace(/\/\/\S*@/, "//") : text.replace(/^\S*:\S*@/, "");
}
