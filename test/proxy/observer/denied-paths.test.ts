import { describe, expect, it } from "vitest";
import { DeniedPaths } from "../../../proxy/observer/denied-paths.ts";

describe("denied paths", () => {
  const denied = new DeniedPaths(["/logout", "/Admin/Jobs"]);

  it.each([
    "/logout",
    "/logout?all=1",
    "/logout/now",
    "//logout",
    "/./logout",
    "/shop/../logout",
    "/logout/../items",
    "/%6cogout",
    "/%256cogout",
    "/%2e/logout",
    "/%2Flogout",
    "/LOGOUT",
    "\\logout",
    "/;v=1/logout",
    "/logout;jsessionid=1",
    "http://shop.test/logout",
    "HTTP://shop.test:80//logout#top",
    "//x/logout",
    "//x;y/logout",
    "///x/logout?all",
    "/\\x/logout",
    "//user@x:80/a/../logout",
    "http:///x/logout",
    "/%2Fx/logout",
    "/log\tout",
    "/log%0Aout",
    "/admin/jobs/7",
    "/admin;x/jobs",
  ])("take %s for what the operator named", (target) => {
    expect(denied.deny(target)).toBe(true);
  });

  it.each(["/", "/log", "/items/logout", "/items?next=/logout", "*", "/%zz", "http://logout/items", "/admin"])(
    "let %s through",
    (target) => {
      expect(denied.deny(target)).toBe(false);
    },
  );

  it("agree with a URL parser about what is the authority", () => {
    for (const target of ["//x/logout", "//x//logout", "/\\x/logout", "///x/logout", "//x/logout;v"]) {
      const { pathname } = new URL(target, "http://h");
      expect([target, denied.deny(target)]).toEqual([target, /^\/+logout/.test(pathname)]);
    }
    expect(new DeniedPaths(["//x/logout"]).deny("/items")).toBe(false);
    expect(new DeniedPaths(["//x"]).deny("/items")).toBe(false);
  });

  it.each(["/lögout", "/LÖGOUT", "/lo\u0308gout", "/l%C3%B6gout", "/l%c3%96gout"])("may hold other letters than ASCII: %s", (prefix) => {
    const byLetters = new DeniedPaths([prefix]);
    const utf8 = Buffer.from("/lögout").toString("latin1");
    for (const target of ["/l%C3%B6gout", "/L%C3%96GOUT", "/lo%CC%88gout", "/l%25C3%25B6gout/now", "//x/l%c3%b6gout", "/l%F6gout", utf8]) {
      expect([target, byLetters.deny(target)]).toEqual([target, true]);
    }
    for (const target of ["/logout", "/l%C3%A4gout", "/l"]) expect([target, byLetters.deny(target)]).toEqual([target, false]);
  });

  it("may name the beginning of a query", () => {
    const byQuery = new DeniedPaths(["/do?action=delete"]);
    expect([byQuery.deny("/do?action=delete&id=1"), byQuery.deny("/do?action=show")]).toEqual([true, false]);
  });

  it("deny nothing when none are named", () => {
    expect(new DeniedPaths([]).deny("/logout")).toBe(false);
  });
});
