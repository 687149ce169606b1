/** The dashboard's second thread: it judges, which takes a while in a long run, so that the first one is free to look out and to serve.
 *
 *    run directory ──► LiveJudge ──report──► dashboard
 *    dashboard ──an example? accept this──► Samples, accepting ──► dashboard */

import { parentPort, workerData } from "node:worker_threads";
import type { Judge } from "../../diff/judge.ts";
import { systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Report } from "../../model/report.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { type PageData, pageData } from "../../report/page/data.ts";
import { whileRunning } from "../../report/page/running.ts";
import { acceptFindings } from "../accepting.ts";
import { detailsOf } from "../judging.ts";
import { describeError } from "../terminal.ts";
import type { AcceptRequest } from "./accept-request.ts";
import { Allowance } from "./allowance.ts";
import type { Asked, Covered, Question, RunProblem, ThreadMessage, ThreadOptions } from "./judge-messages.ts";
import { type Judgement, LiveJudge } from "./live-judge.ts";
import { isAbsence } from "./run-problems.ts";
import { Samples } from "./samples.ts";

/** Of one core, on average, for the whole process: production is beside us. */
const cpuShare = 0.2;
/** A page that has waited is served at once. */
const cpuBurst = milliseconds(3000);
/** Findings of each group, and endpoints, that are listed, as in the offline page … */
const mostListed = 2000;
/** … but fewer where an event would be longer than this: it is sent to every page, twice a second at most. */
const longestEvent = 2_000_000;
const progressInterval: Milliseconds = milliseconds(250);

const port = parentPort;
if (port === null) throw new Error("this is a thread of the dashboard's");
const say = (message: ThreadMessage): void => port.postMessage(message);

const { runDirectory, judging } = workerData as ThreadOptions;
const allowance = new Allowance({ clock: systemClock, cpu: cpuTime, share: cpuShare, burst: cpuBurst });
const samples = new Samples(judging, allowance);
let report: Report | null = null;
/** The live process has said that nothing more comes. */
let isEnded = false;
/** The judge whose kinds of differences were told, and how many. */
let told: { readonly judge: Judge; readonly kinds: number } | null = null;

const judge = new LiveJudge({
  directory: runDirectory,
  values: judging,
  clock: systemClock,
  allowance,
  onJudgement: (judgement) => {
    report = judgement.report;
    samples.use(judgement);
    say({ kind: "report", event: eventOf(report), covered: coveredBy(judgement) });
    say({ kind: "progress", judged: judge.share });
  },
  onProblem: (problem) => say({ kind: "problem", problem: problem === null ? null : described(problem) }),
});

port.on("message", ({ number, question }: Asked) => {
  answer(question).then(
    (given) => say({ kind: "answer", number, answer: given }),
    (error: unknown) => {
      if (!(error instanceof PenumbraError)) throw error;
      const { code, message, hint } = error;
      say({ kind: "refusal", number, code, message, hint });
    },
  );
});
judge.start();
tellProgress();

async function answer(question: Question): Promise<unknown> {
  switch (question.kind) {
    case "sample":
      return await samples.view(question.id);
    case "accept":
      return accept(question.request);
    case "finish":
      isEnded = true;
      return await judge.finish();
    default:
      return question satisfies never;
  }
}

function accept({ findings: ids, ...given }: AcceptRequest): { readonly accepted: number; readonly file: string } {
  if (judging.accept === null || report === null) {
    throw new PenumbraError("NO_REPORT", "there is no report yet whose findings could be accepted", "wait for it");
  }
  const added = acceptFindings(report, runDirectory, { ids, ...given }, judging.accept);
  judge.again();
  return { accepted: added.length, file: judging.accept };
}

function coveredBy({ judge: current, report: { endpoints }, log: { identity }, upTo }: Judgement): Covered {
  const kinds = current.kindsFrom(told?.judge === current ? told.kinds : 0);
  told = { judge: current, kinds: current.kindsSeen };
  return { identity, upTo, kinds, endpoints: endpoints.map(({ endpoint }) => endpoint) };
}

function described(problem: Error): RunProblem {
  return { message: problem.message, description: describeError(problem).replace(/^penumbra: /, ""), isAbsence: isAbsence(problem) };
}

function tellProgress(): void {
  say({ kind: "progress", judged: judge.share });
  systemClock.after(progressInterval, tellProgress);
}

/** The page's data as JSON, with shorter lists where it would be too long. */
function eventOf(of: Report): string {
  const details = detailsOf({ samples: [] }, runDirectory, judging);
  const show = (most: number): PageData => {
    const data = pageData(of, details, most);
    return isEnded ? data : whileRunning(data, of);
  };
  let listed = mostListed;
  let data = JSON.stringify(show(listed));
  while (data.length > longestEvent && listed > 1) {
    listed = Math.floor(listed / 2);
    data = JSON.stringify(show(listed));
  }
  return data;
}

/** Of all threads. */
function cpuTime(): Milliseconds {
  const microsPerMilli = 1000;
  const { user, system } = process.cpuUsage();
  return milliseconds((user + system) / microsPerMilli);
}
