/** What the observer says about itself: dotted event names and typed fields; never bodies, never secrets. */

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface ObserverLog {
  info(event: string, fields: LogFields): void;
  warn(event: string, fields: LogFields): void;
}

export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
