/** A row that does not say what was written: cut, overwritten, or made by something else. */
export class DamagedRowError extends Error {
  override readonly name = "DamagedRowError";
}
