import { describe, expect, it } from "vitest";
import { type Addresses, checkTargetAddresses } from "../../cli/sidecar/target-addresses.ts";

const known = {
  own: ["box", "127.0.0.1", "::1", "10.0.0.5", "fe80::1"],
  addresses: new Map([
    ["alias", ["10.0.0.5"]],
    ["here", ["127.0.0.1"]],
    ["shop.example", ["203.0.113.7", "203.0.113.8"]],
    ["www.shop.example", ["203.0.113.8"]],
  ]),
};
const fine: Addresses = {
  listen: { host: "127.0.0.1", port: 8080 },
  admin: { host: "127.0.0.1", port: 9901 },
  ui: { host: "127.0.0.1", port: 9902 },
  primary: "http://127.0.0.1:9000",
  otherPrimaries: [],
  candidate: "http://127.0.0.1:9001",
  controls: ["http://127.0.0.1:9002"],
  writes: true,
};
const check = (changes: Partial<Addresses>): string | null => checkTargetAddresses({ ...fine, ...changes }, known);

describe("the addresses of a sidecar", () => {
  it("may be the same host with other ports, the same port on other hosts, and other addresses of this machine", () => {
    expect(check({})).toBeNull();
    expect(check({ candidate: "http://candidate:9000", controls: ["http://control:9000"] })).toBeNull();
    expect(check({ candidate: "http://127.0.0.2:9000" })).toBeNull();
    expect(check({ listen: { host: "127.0.0.1", port: 0 }, candidate: "http://10.0.0.5:8080" })).toBeNull();
    expect(check({ candidate: null, controls: [] })).toBeNull();
  });

  it.each([
    "http://127.0.0.1:9000",
    "http://localhost:9000",
    "http://LOCALHOST.:9000",
    "http://[::1]:9000",
    "http://0.0.0.0:9000",
    "http://[::ffff:127.0.0.1]:9000",
    "https://localhost:9000",
    "http://10.0.0.5:9000",
    "http://box:9000",
    "http://alias:9000",
    "http://here:9000",
    "http://[::ffff:10.0.0.5]:9000",
  ])("may not have %s as a target of the primary at port 9000", (url) => {
    expect(() => check({ candidate: url })).toThrow(expect.objectContaining({ code: "TARGET_IS_PRIMARY" }));
    expect(() => check({ controls: ["http://127.0.0.1:9002", url] })).toThrow(expect.objectContaining({ code: "TARGET_IS_PRIMARY" }));
  });

  it("know the port that a scheme stands for", () => {
    expect(() => check({ primary: "http://shop.example", candidate: "http://Shop.Example:80" })).toThrow(
      expect.objectContaining({ code: "TARGET_IS_PRIMARY" }),
    );
    expect(check({ primary: "http://shop.example", candidate: "https://shop.example" })).toBeNull();
  });

  it("are looked up: two names of one other machine are one server", () => {
    expect(() => check({ primary: "http://shop.example:9000", candidate: "http://www.shop.example:9000" })).toThrow(
      expect.objectContaining({ code: "TARGET_IS_PRIMARY" }),
    );
  });

  it("may be the sidecar's port at another address of this machine, where the sidecar does not listen", () => {
    expect(check({ listen: { host: "10.0.0.5", port: 9000 } })).toBeNull();
    expect(() => check({ listen: { host: "10.0.0.5", port: 9001 }, candidate: "http://alias:9001" })).toThrow(
      expect.objectContaining({ code: "TARGET_IS_SIDECAR" }),
    );
  });

  it("may not have a route's primary as a target, nor the sidecar as a route's primary", () => {
    expect(() => check({ otherPrimaries: ["http://localhost:9001"] })).toThrow(expect.objectContaining({ code: "TARGET_IS_PRIMARY" }));
    expect(() => check({ otherPrimaries: ["http://localhost:8080"] })).toThrow(expect.objectContaining({ code: "PRIMARY_IS_SIDECAR" }));
  });

  it("may not have the sidecar as a target, nor as the primary", () => {
    for (const url of ["http://localhost:8080", "http://[::1]:8080", "http://127.0.0.1:9901", "http://127.0.0.1:9902"]) {
      expect(() => check({ candidate: url })).toThrow(expect.objectContaining({ code: "TARGET_IS_SIDECAR" }));
      expect(() => check({ primary: url })).toThrow(expect.objectContaining({ code: "PRIMARY_IS_SIDECAR" }));
    }
  });

  it.each(["http://10.0.0.5:8080", "http://box:8080", "http://127.0.0.9:8080", "http://localhost:8080", "http://[fe80::1]:8080"])(
    "may not have %s as a target while the sidecar listens everywhere at 8080",
    (url) => {
      for (const host of ["0.0.0.0", "::"]) {
        expect(() => check({ listen: { host, port: 8080 }, candidate: url })).toThrow(
          expect.objectContaining({ code: "TARGET_IS_SIDECAR" }),
        );
      }
      expect(check({ listen: { host: "0.0.0.0", port: 8080 }, candidate: "http://10.0.0.6:8080" })).toBeNull();
    },
  );

  it("may have one server as candidate and control for a dry run, which is said, but not with writes", () => {
    const same = { candidate: "http://127.0.0.1:9001", controls: ["http://localhost:9001"] };
    expect(check({ ...same, writes: false })).toMatch(/dry run/);
    expect(() => check({ ...same, writes: true })).toThrow(expect.objectContaining({ code: "TARGETS_ARE_ONE" }));
    const controls = ["http://127.0.0.1:9002", "http://localhost:9002"];
    expect(check({ controls, writes: false })).toMatch(/no noise/);
    expect(() => check({ controls })).toThrow(expect.objectContaining({ code: "TARGETS_ARE_ONE" }));
  });
});
