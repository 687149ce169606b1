/** One exchange of the gateway, from the client's request to the end of its answer.
 *
 *    plan ──refused──► own answer
 *      └─► open ──► body and trailers out ──► 1xx ──► head, body and trailers back ──► done
 *                     │ client gone ► the primary's request ends at once      │ 101 ► tunnel
 *                     │ primary gone ► 502, or reset                          │ primary gone ► the client is cut there
 */

import type { Agent, ClientRequest, IncomingMessage, InformationEvent, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../model/clock.ts";
import { type HeaderList, headerValue, isSafeMethod } from "../../model/exchange.ts";
import type { BrokenOffReason } from "../handover/reasons.ts";
import { endedWithoutCloseNotify } from "../live/close-notify.ts";
import type { WatchContext } from "../live/connection-watch.ts";
import type { LanePeer } from "../live/sampling.ts";
import { resetSocket, resetWhenWritten } from "../live/sockets.ts";
import { passBody } from "./answer-body.ts";
import { planAnswer, planInformational } from "./answer-plan.ts";
import { ExchangeTap } from "./exchange-tap.ts";
import { headBytes, pairsOf, via } from "./fields.ts";
import type { OpenRequest } from "./open-request.ts";
import { writeOwnAnswer } from "./own-answer.ts";
import { Dial, type PrimaryPool, PrimaryUnreachable } from "./primary-pool.ts";
import { sendBody } from "./request-body.ts";
import { planRequest, type ReceivedRequest, type RequestPlan } from "./request-plan.ts";
import type { Rewriting } from "./rewriting.ts";
import type { Route } from "./routes.ts";

/** What all exchanges of a gateway share. */
export interface GatewayScene {
  readonly context: WatchContext;
  readonly clock: Clock;
  readonly open: OpenRequest;
  readonly routes: readonly Route[];
  readonly rewriting: Rewriting;
  readonly poolOf: (route: Route) => PrimaryPool;
  readonly onPrimaryDown: "reset" | "502";
  /** No request after those under way. */
  readonly isDraining: () => boolean;
}

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: LanePeer;
  readonly index: number;
  readonly isUpgrade: boolean;
  /** Called once, when nothing more is to be done for this exchange. */
  readonly done: () => void;
  /** The client's connection belongs to a tunnel from now on. */
  readonly tunnel: (primary: Socket, head: Buffer) => void;
}

type Forwarding = Extract<RequestPlan, { kind: "forward" }>;

const badGateway = 502;

export class GatewayExchange {
  readonly #scene: GatewayScene;
  readonly #options: ExchangeOptions;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #plan: Forwarding | null = null;
  #tap: ExchangeTap | null = null;
  #outgoing: ClientRequest | null = null;
  #dial = new Dial();
  #isRepeated = false;
  #wasContinued = false;
  #answerBegun = false;
  /** An answer of our own after which the connection ends. */
  #isLastWord = false;
  #answerPassed = false;
  #primaryBroke = false;
  #isCut = false;
  #isOver = false;

  constructor(scene: GatewayScene, options: ExchangeOptions) {
    this.#scene = scene;
    this.#options = options;
    this.#request = options.request;
    this.#response = options.response;
  }

  begin(): void {
    const { routes, rewriting, poolOf } = this.#scene;
    this.#response.once("finish", () => {
      this.#answerPassed = true;
      this.#endWhenBothEnded();
    });
    this.#request.once("end", () => this.#endWhenBothEnded());
    // The connection's close says the same.
    this.#request.on("error", () => undefined);
    this.#response.on("error", () => undefined);
    const plan = planRequest(this.#received(), routes, rewriting);
    if (plan.kind === "answer") {
      this.#scene.context.ledger.countDropped("answered_here");
      this.#answerHere(plan.status, plan.text, plan.fields);
      return;
    }
    this.#plan = plan;
    this.#tap = this.#tapped(plan);
    const pool = poolOf(plan.route);
    this.#send(plan, this.#options.isUpgrade ? pool.fresh : pool.kept);
  }

  /** The client's connection is gone, or is being cut: so ends what the primary does for it. */
  abort(reason: BrokenOffReason): void {
    if (this.#isOver) return;
    this.#tap?.brokenOff(reason);
    this.#abandon(this.#outgoing);
    this.#end();
  }

  /** The client has been cut because of its primary. */
  get isCut(): boolean {
    return this.#isCut;
  }

  get isRequestComplete(): boolean {
    return this.#request.complete;
  }

  /** What came of its request's body is no HTTP.
   * @returns whether the client is told so, or has been told something else that ends the connection */
  refuse(status: number, text: string): boolean {
    if (this.#isOver) return false;
    if (this.#isLastWord) return true;
    if (this.#answerBegun) return false;
    this.#tap?.drop("ambiguous_framing");
    this.#abandon(this.#outgoing);
    this.#answerHere(status, text);
    return true;
  }

  #received(): ReceivedRequest {
    const { method = "", url = "", httpVersion, rawHeaders, socket } = this.#request;
    const isTls = (socket as Partial<TLSSocket>).encrypted === true;
    const client = { address: this.#options.peer.address, isTls };
    const { isUpgrade } = this.#options;
    return { method, target: url, version: httpVersion, fields: pairsOf(rawHeaders), client, isUpgrade };
  }

  /** Candidate and control are builds of the default primary's service; what other primaries answer is only counted. */
  #tapped({ route, target, fields }: Forwarding): ExchangeTap | null {
    const { context, clock } = this.#scene;
    if (!route.isDefault) {
      context.ledger.countDropped("other_route");
      return null;
    }
    const { peer, index } = this.#options;
    const head = headBytes(`${this.#request.method} ${target} HTTP/1.1`, fields);
    return new ExchangeTap(context, { peer, index, begun: clock.monotonic(), head });
  }

  #send(plan: Forwarding, agent: Agent): void {
    const { target, fields } = plan;
    this.#dial = new Dial();
    const { method = "" } = this.#request;
    try {
      this.#outgoing = this.#scene.open({ client: this.#request, method, target, fields, agent, dial: this.#dial });
    } catch (error) {
      this.#tap?.drop("answered_here");
      this.#cannotOpen(error);
      return;
    }
    const outgoing = this.#outgoing;
    outgoing.maxHeadersCount = 0; // the size of the head is bounded; fields over a number would be lost without a word
    outgoing.on("information", (answer) => this.#informational(answer));
    outgoing.once("response", (answer) => this.#answered(outgoing, answer));
    outgoing.once("upgrade", (answer, socket, head) => this.#upgraded(answer, socket, head));
    outgoing.on("error", (error) => this.#failed(outgoing, error));
    const { rewriting, clock } = this.#scene;
    sendBody({ request: this.#request, outgoing, hasBody: plan.hasBody, tap: this.#tap, rewriting, clock });
  }

  /** Node refuses to write what is no HTTP, and says so with these codes; anything else is a fault of ours. */
  #cannotOpen(error: unknown): void {
    const isUnwritable = error instanceof Error && /^ERR_(?:INVALID|UNESCAPED|HTTP)_/.test((error as NodeJS.ErrnoException).code ?? "");
    if (!isUnwritable) this.#scene.context.fault(error);
    this.#answerHere(isUnwritable ? 400 : 500, isUnwritable ? "the request cannot be forwarded as HTTP" : "a fault of the gateway");
  }

  /** 1xx, any number of them (RFC 9110 §15.2); a client of HTTP/1.0 knows none. Nothing would pause a primary that sends them without
   * end: a client that is behind with its reading misses those that only advise it. */
  #informational({ statusCode, statusMessage, rawHeaders }: InformationEvent): void {
    const response = this.#response;
    const { socket } = response;
    if (this.#isOver || response.headersSent || this.#request.httpVersion !== "1.1" || socket === null) return;
    const isAwaited = statusCode === 100 && !this.#wasContinued;
    if (socket.writableNeedDrain && !isAwaited) return;
    this.#wasContinued ||= isAwaited;
    if (statusCode === 100) response.writeContinue();
    else socket.write(headBytes(`HTTP/1.1 ${statusCode} ${statusMessage}`, planInformational(pairsOf(rawHeaders))));
  }

  #answered(outgoing: ClientRequest, answer: IncomingMessage): void {
    if (this.#isOver) return;
    answer.on("error", () => undefined); // its close says how it ended
    const { statusCode: status = 0, statusMessage: reason = "", httpVersion: version } = answer;
    const fields = pairsOf(answer.rawHeaders);
    const isLast = this.#options.isUpgrade || this.#scene.isDraining();
    const isHead = this.#request.method === "HEAD";
    const plan = planAnswer({ status, version, fields }, { clientVersion: this.#request.httpVersion, isHead, isLast });
    if (plan.kind === "unreadable") return this.#refuseAnswer(outgoing);
    try {
      this.#response.writeHead(status, reason, [...plan.fields.flat()]);
    } catch {
      return this.#refuseAnswer(outgoing);
    }
    this.#answerBegun = true;
    this.#tapAnswerHead(status, reason, version, fields);
    passBody({
      answer,
      response: this.#response,
      plan,
      tap: this.#tap,
      isBroken: () => this.#primaryBroke || endedWithoutCloseNotify(answer.socket),
      cut: () => this.#cutClient(),
    });
  }

  #tapAnswerHead(status: number, reason: string, version: string, fields: HeaderList): void {
    this.#tap?.answerHead(() => headBytes(`HTTP/${version} ${status} ${reason}`, fields), headerValue(fields, "set-cookie") !== undefined);
  }

  /** 101: both connections now speak something else. */
  #upgraded(answer: IncomingMessage, primary: Socket, head: Buffer): void {
    const client = this.#response.socket;
    if (this.#isOver || client === null || !this.#options.isUpgrade) {
      resetSocket(primary);
      if (!this.#isOver) this.#refuseAnswer(null);
      return;
    }
    const { statusMessage: reason = "", httpVersion: version } = answer;
    const fields = pairsOf(answer.rawHeaders);
    this.#tapAnswerHead(101, reason, version, fields);
    this.#tap?.answerEnd();
    const kept = fields.filter(([name]) => ["connection", "upgrade"].includes(name.toLowerCase()));
    const others = planInformational(fields);
    client.write(headBytes(`HTTP/1.1 101 ${reason}`, [...kept, ...others, via(version)]));
    this.#response.detachSocket(client);
    this.#isOver = true;
    this.#options.tunnel(primary, head);
  }

  /** The connection to the primary is gone. After the beginning of the answer, the answer's own end decides. */
  #failed(outgoing: ClientRequest, error: Error): void {
    this.#primaryBroke = true;
    if (this.#isOver || this.#answerBegun || outgoing !== this.#outgoing) return;
    if (this.#mayRepeat(outgoing, error)) {
      this.#isRepeated = true;
      this.#primaryBroke = false;
      const plan = this.#plan;
      if (plan !== null) this.#send(plan, this.#scene.poolOf(plan.route).fresh);
      return;
    }
    this.#tap?.brokenOff("primary_abort");
    if (error instanceof PrimaryUnreachable && this.#scene.onPrimaryDown === "reset") this.#cutClient();
    else this.#answerHere(badGateway, "the primary did not answer");
  }

  /** A primary may close a kept connection while a request is on its way on it. Only a request without effects and without a body is
   * sent again, once, on a new connection; any other might have been acted on. */
  #mayRepeat(outgoing: ClientRequest, error: NodeJS.ErrnoException): boolean {
    const isLost = error.code === "ECONNRESET" || error.code === "EPIPE";
    const isHarmless = isSafeMethod(this.#request.method ?? "") && this.#plan?.hasBody === false;
    return isLost && isHarmless && outgoing.reusedSocket && !this.#isRepeated;
  }

  /** An answer that two readers could read differently is not passed on. */
  #refuseAnswer(outgoing: ClientRequest | null): void {
    this.#tap?.drop("ambiguous_framing");
    this.#abandon(outgoing);
    this.#answerHere(badGateway, "the primary's answer cannot be read without doubt");
  }

  #answerHere(status: number, text: string, fields: HeaderList = []): void {
    if (this.#isOver) return;
    this.#answerBegun = true;
    // After a refusal, where a request ends may be a matter of opinion: the connection is not read any further.
    const isLast = status !== badGateway || this.#options.isUpgrade || this.#scene.isDraining();
    this.#isLastWord = isLast;
    writeOwnAnswer(this.#response, { status, text, fields, isLast });
    this.#request.resume(); // unread bytes would turn the answer's end into a reset
  }

  /** The answer stops here, and nobody may take it for complete. */
  #cutClient(): void {
    if (this.#isOver) return;
    this.#isCut = true;
    this.#tap?.brokenOff("primary_abort");
    const { socket } = this.#response;
    if (socket !== null) resetWhenWritten(socket);
  }

  #endWhenBothEnded(): void {
    if (this.#answerPassed && this.#request.readableEnded) this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.done();
  }

  /** Ends a request by reset, which no primary takes for a client that has only finished speaking. One that is done has
   * given its connection back. */
  #abandon(outgoing: ClientRequest | null): void {
    if (outgoing === null || outgoing.destroyed) return;
    if (outgoing.socket !== null) resetSocket(outgoing.socket);
    outgoing.destroy();
    this.#dial.giveUp();
  }
}
