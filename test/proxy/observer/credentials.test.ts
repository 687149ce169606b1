import { describe, expect, it } from "vitest";
import type { HeaderList } from "../../../model/exchange.ts";
import { Credentials } from "../../../proxy/observer/credentials.ts";
import { request } from "../../target/servers.ts";

const personal: HeaderList = [
  ["Host", "shop"],
  ["Authorization", "Bearer user-secret"],
  ["Accept", "*/*"],
  ["Cookie", "sid=user-secret; theme=dark"],
  ["X-Api-Key", "user-secret"],
  ["Proxy-Authorization", "Basic user-secret"],
];
const asked = request("POST", "/cart?id=7&access_token=user-secret", personal, '{"password":"stays"}');

describe("users' credentials in mirrored requests", () => {
  it("pass as they came by default", () => {
    const credentials = new Credentials({ kind: "pass" });
    expect(credentials.applied(asked)).toBe(asked);
    expect(credentials.areWithheldFrom(asked)).toBe(false);
  });

  it("are dropped from headers and target, and nothing else is", () => {
    const credentials = new Credentials({ kind: "drop" });
    const sent = credentials.applied(asked);
    expect(JSON.stringify([sent.target, sent.headers])).not.toContain("user-secret");
    expect(sent.headers).toEqual([
      ["Host", "shop"],
      ["Accept", "*/*"],
    ]);
    expect(sent.target).toContain("/cart?id=7");
    expect(sent.body).toBe(asked.body);
    expect(credentials.areWithheldFrom(asked)).toBe(true);
  });

  it("are replaced by the operator's, in requests that had some", () => {
    const credentials = new Credentials({ kind: "replace", headers: [["Authorization", "Bearer of-the-test-user"]] });
    expect(credentials.applied(asked).headers).toEqual([
      ["Host", "shop"],
      ["Accept", "*/*"],
      ["Authorization", "Bearer of-the-test-user"],
    ]);
    const anonymous = request("GET", "/items");
    expect(credentials.applied(anonymous)).toBe(anonymous);
    expect([credentials.areWithheldFrom(asked), credentials.areWithheldFrom(anonymous)]).toEqual([true, false]);
  });
});
