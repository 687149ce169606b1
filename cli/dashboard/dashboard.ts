/** The dashboard of a run that is being written, put together; what it is told comes in, what it has to say goes to browsers.
 *
 *    run directory ──► BackgroundJudge ──report──► EventStreams ──► pages
 *          └─────────► Lookout ──seen, not judged yet──┤
 *    live process  ──state─────────────────────────────┘
 *    page ──an example? accept this──► BackgroundJudge                   */

import { type Clock, systemClock } from "../../model/clock.ts";
import { PenumbraError } from "../../model/errors.ts";
import { type Milliseconds, milliseconds } from "../../model/units.ts";
import { livePage } from "../../report/html.ts";
import { pageBundle } from "../page-bundle.ts";
import { refuseInCi } from "../reviewing.ts";
import { note } from "../terminal.ts";
import { Allowance } from "./allowance.ts";
import { BackgroundJudge } from "./background-judge.ts";
import type { RunProblem } from "./judge-messages.ts";
import type { Lookout } from "./lookout.ts";
import type { DashboardOptions, DashboardState } from "./protocol.ts";
import { createDashboard, type DashboardServer, type DashboardSubject } from "./server.ts";

/** Of one core, on average, for looking out; it counts in the share of the whole process (judge-thread.ts), and comes first. */
const lookoutShare = 0.1;
const lookoutBurst = milliseconds(1000);

export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #clock: Clock;
  readonly #judge: BackgroundJudge;
  readonly #server: DashboardServer;
  #lookout: Promise<Lookout> | null = null;
  #judged = 0;
  #problem: string | null = null;

  /** @param onAlive called while judging goes on: several times a second, less often while a long run is judged */
  constructor(options: DashboardOptions, onAlive: () => void = () => undefined, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    const { runDirectory, judging } = options;
    this.#judge = new BackgroundJudge(
      { runDirectory, judging },
      {
        onReport: (event, covered) => {
          this.#server.streams.report(event);
          void this.#lookout?.then((lookout) => lookout.judged(covered));
        },
        onProgress: (judged) => {
          this.#judged = judged;
          onAlive();
        },
        onProblem: (problem) => this.#complain(problem),
      },
    );
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
        this.#lookout = this.#lookOut();
        resolve();
      });
    });
  }

  state(state: DashboardState): void {
    this.#server.streams.state(JSON.stringify({ ...state, judged: this.#judged, problem: this.#problem }));
  }

  /** Shows the run as it ended, and lets everybody go.
   * @param state the last one */
  async finish(state: DashboardState): Promise<void> {
    const lookout = await this.#lookout;
    await Promise.all([lookout?.end(), this.#judge.finish()]);
    this.state(state);
    this.#server.http.close();
    await this.#server.streams.end();
    this.#server.http.closeAllConnections();
  }

  /** Loaded while the other thread loads what it needs: nobody waits for both, one after the other. */
  async #lookOut(): Promise<Lookout> {
    const { Lookout: Loaded } = await import("./lookout.ts");
    const clock = this.#clock;
    const lookout = new Loaded({
      directory: this.#options.runDirectory,
      values: this.#options.judging,
      clock,
      allowance: new Allowance({ clock, cpu: cpuTime, share: lookoutShare, burst: lookoutBurst }),
      onSeen: (view) => this.#server.streams.seen(JSON.stringify(view)),
    });
    lookout.start();
    return lookout;
  }

  /** What is wrong with the run is told where it is looked at, and to the operator; that it is not there yet is nothing wrong. */
  #complain(problem: RunProblem | null): void {
    this.#problem = problem === null ? null : problem.message;
    if (problem === null || problem.isAbsence) return;
    note(`penumbra: the dashboard cannot judge the run: ${problem.description}`);
  }

  #subject(): DashboardSubject {
    const { judging, token } = this.#options;
    return {
      page: livePage(pageBundle(), token),
      token,
      whyNoAccepting: judging.accept === null ? "accepting is off; start the proxy with --accept FILE" : "accepting is refused in CI",
      sample: (id) => this.#judge.sample(id),
      isBusy: () => this.#judge.isBusy,
      accept: (request) => {
        refuseInCi("accepting");
        return this.#judge.accept(request);
      },
    };
  }
}

/** Of this thread. */
function cpuTime(): Milliseconds {
  const microsPerMilli = 1000;
  const { user, system } = process.threadCpuUsage();
  return milliseconds((user + system) / microsPerMilli);
}
