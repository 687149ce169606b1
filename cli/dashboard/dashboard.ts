/** The dashboard of a run that is being written, put together; what it is told comes in, what it has to say goes to browsers.
 *
 *    run directory ──► LiveJudge ──report──► EventStreams ──► pages
 *    live process  ──state──────────────────────┘
 *    page ──► Samples, accepting                                     */

import { type Clock, systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import type { Report } from "../../model/report.ts";
import { milliseconds } from "../../model/units.ts";
import { livePage } from "../../report/html.ts";
import { type PageData, pageData } from "../../report/page/data.ts";
import { whileRunning } from "../../report/page/running.ts";
import { acceptFindings } from "../accepting.ts";
import { detailsOf } from "../judging.ts";
import { pageBundle } from "../page-bundle.ts";
import { refuseInCi } from "../reviewing.ts";
import { describeError, note } from "../terminal.ts";
import type { AcceptRequest } from "./accept-request.ts";
import { Allowance } from "./allowance.ts";
import { isAbsence, type Judgement, LiveJudge } from "./live-judge.ts";
import type { DashboardOptions, DashboardState } from "./protocol.ts";
import { Samples } from "./samples.ts";
import { createDashboard, type DashboardServer, type DashboardSubject } from "./server.ts";

/** Of one core, on average: production is beside us. */
const cpuShare = 0.2;
/** A page that has waited is served at once. */
const cpuBurst = milliseconds(3000);
/** Findings of each group, and endpoints, that are listed, as in the offline page … */
const mostListed = 2000;
/** … but fewer where an event would be longer than this: it is sent to every page, twice a second at most. */
const longestEvent = 2_000_000;

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #judge: LiveJudge;
  readonly #samples: Samples;
  readonly #server: DashboardServer;
  #report: Report | null = null;
  #problem: string | null = null;
  /** The live process has said that nothing more comes. */
  #isEnded = false;

  constructor(options: DashboardOptions, clock: Clock = systemClock) {
    this.#options = options;
    const allowance = new Allowance({ clock, cpu: cpuTime, share: cpuShare, burst: cpuBurst });
    this.#samples = new Samples(options.judging, allowance);
    this.#judge = new LiveJudge({
      directory: options.runDirectory,
      values: options.judging,
      clock,
      allowance,
      onJudgement: (judgement) => this.#show(judgement),
      onProblem: (problem) => this.#complain(problem),
    });
    this.#server = createDashboard(options, this.#subject(), clock);
  }

  /** Listens and begins to judge.
   * @throws PenumbraError `ADDRESS_UNUSABLE` */
  start(): Promise<void> {
    const { http } = this.#server;
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      http.once("error", (error: NodeJS.ErrnoException) => {
        const problem = `the dashboard cannot listen on ${host}:${port} (${error.code ?? error.message})`;
        reject(new PenumbraError("ADDRESS_UNUSABLE", problem, "stop what listens there", error));
      });
      http.listen({ host, port }, () => {
        http.removeAllListeners("error");
        this.#judge.start();
        resolve();
      });
    });
  }

  state(state: DashboardState): void {
    const { share: judged, news } = this.#judge;
    this.#server.streams.state(JSON.stringify({ ...state, judged, news, problem: this.#problem }));
  }

  /** Shows the run as it ended, and lets everybody go.
   * @param state the last one */
  async finish(state: DashboardState): Promise<void> {
    this.#isEnded = true;
    await this.#judge.finish();
    this.state(state);
    this.#server.http.close();
    await this.#server.streams.end();
    this.#server.http.closeAllConnections();
  }

  #show(judgement: Judgement): void {
    const { report } = judgement;
    this.#report = report;
    this.#samples.use(judgement);
    const { runDirectory, judging } = this.#options;
    const details = detailsOf({ samples: [] }, runDirectory, judging);
    const show = (most: number): PageData => {
      const data = pageData(report, details, most);
      return this.#isEnded ? data : whileRunning(data, report);
    };
    this.#server.streams.report(eventOf(show));
  }

  /** What is wrong with the run is told where it is looked at, and to the operator; that it is not there yet is nothing wrong. */
  #complain(problem: Error | null): void {
    this.#problem = problem === null ? null : problem.message;
    if (problem === null || isAbsence(problem)) return;
    note(`penumbra: the dashboard cannot judge the run: ${describeError(problem).replace(/^penumbra: /, "")}`);
  }

  #subject(): DashboardSubject {
    const { judging, token } = this.#options;
    return {
      page: livePage(pageBundle(), token),
      token,
      whyNoAccepting: judging.accept === null ? "accepting is off; start the proxy with --accept FILE" : "accepting is refused in CI",
      sample: (id) => this.#samples.view(id),
      isBusy: () => this.#samples.isBusy,
      accept: (request) => this.#accept(request),
    };
  }

  #accept({ findings: ids, ...given }: AcceptRequest): { readonly accepted: number; readonly file: string } {
    const { judging, runDirectory } = this.#options;
    refuseInCi("accepting");
    if (judging.accept === null || this.#report === null) {
      throw new PenumbraError("NO_REPORT", "there is no report yet whose findings could be accepted", "wait for it");
    }
    const added = acceptFindings(this.#report, runDirectory, { ids, ...given }, judging.accept);
    this.#judge.again();
    return { accepted: added.length, file: judging.accept };
  }
}

/** The page's data as JSON, with shorter lists where it would be too long. */
function eventOf(show: (most: number) => PageData): string {
  let listed = mostListed;
  let data = JSON.stringify(show(listed));
  while (data.length > longestEvent && listed > 1) {
    listed = Math.floor(listed / 2);
    data = JSON.stringify(show(listed));
  }
  return data;
}

function cpuTime(): ReturnType<typeof milliseconds> {
  const microsPerMilli = 1000;
  const { user, system } = process.cpuUsage();
  return milliseconds((user + system) / microsPerMilli);
}
