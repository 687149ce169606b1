import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../model/random.ts";
import { monotonicMs, ratio } from "../../../model/units.ts";
import { HeadView } from "../../../proxy/live/head-view.ts";
import { type LaneKey, parseLaneKey } from "../../../proxy/live/lane-key.ts";
import { Lane, type LanePeer, Sampler, samplingRate } from "../../../proxy/live/sampling.ts";
import type { SamplingRule } from "../../../proxy/live/sampling-rules.ts";
import { testKey } from "./support.ts";

const sampler = (rate: number, laneKey: LaneKey = { kind: "usual" }): Sampler =>
  new Sampler({ key: testKey, epoch: "e", laneKey, sampling: { rate: ratio(rate), enabled: true } });
const peer = (connection = 1): LanePeer => ({ connection, address: "192.0.2.1", own: null, last: null });

function request(...headers: string[]): HeadView {
  return parsed(`GET / HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`, "request");
}

function answer(...headers: string[]): HeadView {
  return parsed(`HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`, "answer");
}

function parsed(text: string, kind: "request" | "answer"): HeadView {
  const view = new HeadView();
  const bytes = Buffer.from(text, "latin1");
  expect(view.parse(bytes, 0, bytes.length, kind)).toBe(bytes.length);
  return view;
}

const laneOf = (of: Sampler, ...headers: string[]): Lane => of.laneOf(request(...headers), peer());

describe("the lane of a request", () => {
  it("is named by Authorization before any cookie, whatever the case of the header", () => {
    const one = sampler(1);
    expect(laneOf(one, "AUTHORIZATION: Bearer a", "Cookie: sid=1").id).toBe(laneOf(one, "authorization:Bearer a ", "Cookie: sid=2").id);
    expect(laneOf(one, "Authorization: Bearer a").id).not.toBe(laneOf(one, "Authorization: Bearer b").id);
  });

  it("is named by the same session cookie wherever it stands", () => {
    const one = sampler(1);
    const expected = laneOf(one, "Cookie: sid=1").id;
    expect(laneOf(one, "Cookie: theme=dark; sid=1; sidx=3").id).toBe(expected);
    expect(laneOf(one, "Cookie: a=b", "Cookie:  sid=1").id).toBe(expected);
    expect(laneOf(one, "Cookie: SID=1").id).not.toBe(expected);
    expect(laneOf(one, "Cookie: PHPSESSID=9; sid=1").id).toBe(expected);
  });

  it("never shows the secret and is a connection's where nothing names it", () => {
    const one = sampler(1);
    expect(laneOf(one, "Authorization: Bearer a").id).toMatch(/^[0-9a-f]{16}$/);
    expect(laneOf(one, "Cookie: sid=").id).toMatch(/^c-[0-9a-f]{16}$/);
    expect(one.laneOf(request(), peer(1)).id).not.toBe(one.laneOf(request(), peer(2)).id);
  });

  it("follows the configured key", () => {
    expect(laneOf(sampler(1, { kind: "header", name: "X-User" }), "x-user: a", "Authorization: b").id).toBe(
      laneOf(sampler(1, { kind: "header", name: "x-user" }), "X-USER: a").id,
    );
    const byCookie = sampler(1, { kind: "cookie", name: "me" });
    expect(laneOf(byCookie, "Cookie: sid=1; me=2").id).toBe(laneOf(byCookie, "Cookie: me=2").id);
    const byAddress = sampler(1, { kind: "ip" });
    expect(byAddress.laneOf(request(), peer(1)).id).toBe(byAddress.laneOf(request(), peer(2)).id);
  });

  it("stays the same when an answer starts or changes the session", () => {
    const one = sampler(1);
    const first = one.laneOf(request(), peer());
    one.learn(answer("Set-Cookie: a=b", "set-cookie: sid=new; Path=/; HttpOnly"), first);
    const second = laneOf(one, "Cookie: sid=new");
    expect(second.id).toBe(first.id);
    one.learn(answer("Set-Cookie: sid=newer"), second);
    expect(laneOf(one, "Cookie: sid=newer").id).toBe(first.id);
    expect(one.aliases).toBe(2);
  });

  it("is one for each of the users who log in over a connection that they share", () => {
    const one = sampler(1);
    const shared = one.laneOf(request(), peer());
    const users = Array.from({ length: 20 }, (_, user) => {
      one.learn(answer(`Set-Cookie: sid=user${user}`), shared);
      return laneOf(one, `Cookie: sid=user${user}`).id;
    });
    expect(new Set(users).size).toBe(20);
    expect(users[0]).toBe(shared.id);
  });

  it("keeps a bounded number of aliases", () => {
    const one = sampler(1);
    const lane = laneOf(one, "Cookie: sid=rolling");
    for (let session = 0; session < 70_000; session++) one.learn(answer(`Set-Cookie: sid=${session}`), lane);
    expect(one.aliases).toBe(65_536);
    expect(laneOf(one, "Cookie: sid=69999")).toBe(lane);
    expect(laneOf(one, "Cookie: sid=0")).not.toBe(lane);
  });
});

const anyRequest = request();
const start = monotonicMs(0);
const isSampled = (of: Sampler, lane: Lane): boolean => of.draw(anyRequest, lane, start) !== null;
/** The lane at a place between 0 and 1. */
function laneAt(place: number): Lane {
  return new Lane(Math.floor(place * 2 ** 32), 0, "");
}

describe("the sampling decision", () => {
  it("takes the share of lanes that was asked for", () => {
    const lanes = Array.from({ length: 20_000 }, (_, user) => laneOf(sampler(1), `Authorization: user ${user}`));
    for (const rate of [0, 0.01, 0.3, 1]) {
      const one = sampler(rate);
      const share = lanes.filter((lane) => isSampled(one, lane)).length / lanes.length;
      expect(Math.abs(share - rate)).toBeLessThan(0.015);
    }
  });

  it("can take one in a million", () => {
    const one = sampler(1e-6);
    expect(one.draw(anyRequest, laneAt(0.9e-6), start)).toBe(1e-6);
    expect(one.draw(anyRequest, laneAt(1.1e-6), start)).toBeNull();
  });

  it("changes while running, and off is off", () => {
    const one = sampler(0);
    const lane = laneOf(one, "Authorization: a");
    expect(isSampled(one, lane)).toBe(false);
    one.sampling = { rate: ratio(1), enabled: true };
    expect(isSampled(one, lane)).toBe(true);
    one.sampling = { rate: ratio(1), enabled: false };
    expect(isSampled(one, lane)).toBe(false);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses the rate %d", (rate) => {
    expect(() => samplingRate(rate)).toThrow("between 0 and 1");
  });
});

describe("sampling rules", () => {
  const rule = (given: Partial<SamplingRule>): SamplingRule => ({
    method: null,
    path: null,
    host: null,
    header: null,
    rate: null,
    perSecond: null,
    ...given,
  });
  const ruled = (rate: number, ...rules: readonly SamplingRule[]): Sampler =>
    new Sampler({ key: testKey, epoch: "e", laneKey: { kind: "usual" }, sampling: { rate: ratio(rate), enabled: true }, rules });
  const heads = [
    "GET /orders HTTP/1.1\r\nHost: Shop.test:80\r\n",
    "GET /orders/7?x=/a HTTP/1.1\r\nHost: shop.test\r\nX-Tenant: acme\r\n",
    "POST /orders2 HTTP/1.1\r\nHost: api.test\r\nx-tenant: other\r\n",
    "POST http://shop.test/a/b/search?q=1 HTTP/1.1\r\nHost: shop.test\r\n",
    "GET / HTTP/1.1\r\n",
  ];

  it.each<[string, Partial<SamplingRule>, readonly number[]]>([
    ["method", { method: "POST" }, [2, 3]],
    ["path", { path: "/orders" }, [0, 1]],
    ["a path with any segment", { path: "/a/*/search" }, [3]],
    ["the root", { path: "/" }, [0, 1, 2, 3, 4]],
    ["host", { host: "shop.test" }, [0, 1, 3]],
    ["header", { header: { name: "x-tenant", value: null } }, [1, 2]],
    ["the value of a header", { header: { name: "x-tenant", value: "acme" } }, [1]],
    ["all of it", { method: "GET", path: "/orders", header: { name: "x-tenant", value: "acme" } }, [1]],
  ])("meet requests by %s", (_, match, met) => {
    const one = ruled(0, rule({ ...match, rate: ratio(1) }));
    const found = heads.map((head, index) => (one.draw(parsed(`${head}\r\n`, "request"), laneAt(0.5), start) === null ? -1 : index));
    expect(found.filter((index) => index >= 0)).toEqual(met);
  });

  it("decide by the first that a request meets, and keep to the share and the switch", () => {
    const one = ruled(0.5, rule({ path: "/orders/7", rate: ratio(0) }), rule({ path: "/orders", rate: ratio(0.2) }));
    const drawn = () => heads.slice(0, 3).map((head) => one.draw(parsed(`${head}\r\n`, "request"), laneAt(0.05), start));
    expect(drawn()).toEqual([0.2, null, 0.5]);
    one.share = ratio(0.5);
    expect(drawn()).toEqual([0.1, null, 0.25]);
    one.rules = [];
    expect(drawn()).toEqual([0.25, 0.25, 0.25]);
    one.rules = [rule({ rate: ratio(1) })];
    one.sampling = { rate: ratio(1), enabled: false };
    expect(drawn()).toEqual([null, null, null]);
  });

  /** @param spacing milliseconds between two requests, by their number */
  function sampledOf(count: number, spacing: (index: number) => number): { copied: number; estimated: number; at: number } {
    const one = ruled(0.001, rule({ perSecond: 5 }));
    const random = seededRandom(3);
    let [at, copied, estimated] = [0, 0, 0];
    for (let index = 0; index < count; index++) {
      const inclusion = one.draw(anyRequest, laneAt(random.next()), monotonicMs(at));
      if (inclusion !== null) {
        copied++;
        estimated += 1 / inclusion;
      }
      at += spacing(index);
    }
    return { copied, estimated, at };
  }

  it("take all of what is rare, and about so many a second of what is not", () => {
    expect(sampledOf(500, () => 400).copied).toBe(500);
    const steady = sampledOf(60_000, () => 2);
    expect(steady.copied / (steady.at / 1000)).toBeGreaterThan(4.5);
    expect(steady.copied / (steady.at / 1000)).toBeLessThan(5.8);
  });

  it("say with which probability, so that what was there can be told from what was taken", () => {
    const bursts = (index: number): number => (index % 1000 === 0 ? 5000 : index % 3);
    for (const spacing of [() => 2, bursts, (index: number) => (index < 20_000 ? 10 : 1)]) {
      const { estimated } = sampledOf(40_000, spacing);
      expect(Math.abs(estimated / 40_000 - 1)).toBeLessThan(0.15);
    }
  });
});

describe("parseLaneKey", () => {
  it("reads every kind", () => {
    expect(["usual", "ip", "connection", "cookie:a.b", "header:X-User"].map(parseLaneKey)).toEqual([
      { kind: "usual" },
      { kind: "ip" },
      { kind: "connection" },
      { kind: "cookie", name: "a.b" },
      { kind: "header", name: "X-User" },
    ]);
  });

  it.each(["", "cookie:", "query:a", "header:a b"])("refuses %j", (text) => {
    expect(() => parseLaneKey(text)).toThrow("is not known");
  });
});
