/** What the dashboard and the thread that judges for it say to each other. Both ends are the same build: the shape is not checked again. */

import type { JudgedKinds } from "../../diff/first-sightings.ts";
import type { JudgingValues } from "../judging.ts";
import type { AcceptRequest } from "./accept-request.ts";

/** What the thread is to judge. */
export interface ThreadOptions {
  readonly runDirectory: string;
  readonly judging: JudgingValues;
}

export type Question =
  | { readonly kind: "sample"; readonly id: string }
  | { readonly kind: "accept"; readonly request: AcceptRequest }
  /** Judge the run as it ended. */
  | { readonly kind: "finish" };

export interface Asked {
  readonly number: number;
  readonly question: Question;
}

/** What a judgement covers, of which log. */
export interface Covered extends JudgedKinds {
  readonly identity: string;
}

/** What is wrong with the run. */
export interface RunProblem {
  readonly message: string;
  /** With what to do next. */
  readonly description: string;
  /** It is not there yet. */
  readonly isAbsence: boolean;
}

export type ThreadMessage =
  /** @property event the page's data, as JSON on one line */
  | { readonly kind: "report"; readonly event: string; readonly covered: Covered }
  /** Also the sign of life. `judged` is the share of the log that the latest report covers. */
  | { readonly kind: "progress"; readonly judged: number }
  | { readonly kind: "problem"; readonly problem: RunProblem | null }
  | { readonly kind: "answer"; readonly number: number; readonly answer: unknown }
  | { readonly kind: "refusal"; readonly number: number; readonly code: string; readonly message: string; readonly hint: string };
