import { describe, expect, it } from "vitest";
import { ratio } from "../../../model/units.ts";
import { HeadView } from "../../../proxy/live/head-view.ts";
import { type LaneKey, parseLaneKey } from "../../../proxy/live/lane-key.ts";
import { type Lane, type LanePeer, Sampler, samplingRate } from "../../../proxy/live/sampling.ts";
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

describe("the sampling decision", () => {
  it("takes the share of lanes that was asked for", () => {
    const lanes = Array.from({ length: 20_000 }, (_, user) => laneOf(sampler(1), `Authorization: user ${user}`));
    for (const rate of [0, 0.01, 0.3, 1]) {
      const one = sampler(rate);
      const share = lanes.filter((lane) => one.isSampled(lane)).length / lanes.length;
      expect(Math.abs(share - rate)).toBeLessThan(0.015);
    }
  });

  it("can take one in a million", () => {
    const one = sampler(1e-6);
    expect(one.isSampled({ position: 2 ** 53 * 0.9e-6 } as Lane)).toBe(true);
    expect(one.isSampled({ position: 2 ** 53 * 1.1e-6 } as Lane)).toBe(false);
  });

  it("changes while running, and off is off", () => {
    const one = sampler(0);
    const lane = laneOf(one, "Authorization: a");
    expect(one.isSampled(lane)).toBe(false);
    one.sampling = { rate: ratio(1), enabled: true };
    expect(one.isSampled(lane)).toBe(true);
    one.sampling = { rate: ratio(1), enabled: false };
    expect(one.isSampled(lane)).toBe(false);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses the rate %d", (rate) => {
    expect(() => samplingRate(rate)).toThrow("between 0 and 1");
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
