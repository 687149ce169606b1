/** What an instance of the studio knows, and how its handlers are written down. */

import type { Call, Reply } from "./call.ts";
import type { Ids } from "./ids.ts";

/** `equal`; `loses-ids`: a new project's answer does not name it; `cannot-update`: PUT of a project finds nothing. */
export type Build = "equal" | "loses-ids" | "cannot-update";

export interface Session {
  readonly user: string;
  readonly person: string;
  readonly desk: string;
  readonly basket: number;
  readonly formToken: string;
  ticket: string | null;
}

export interface Project {
  readonly id: string;
  readonly owner: string;
  name: string;
  etag: string;
  readonly tasks: Map<string, { readonly id: number; readonly title: string; etag: string }>;
}

/** Everything that one instance knows. */
export interface State {
  readonly ids: Ids;
  readonly build: Build;
  /** Visit cookie → the CSRF token of its form. */
  readonly visits: Map<string, string>;
  readonly sessions: Map<string, Session>;
  readonly projects: Map<string, Project>;
}

export type Handler = (call: Call, state: State) => Reply | Promise<Reply>;
/** `METHOD /segment/:any`. */
export type Routes = Readonly<Record<string, Handler>>;
