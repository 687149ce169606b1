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

  it("may name the beginning of a query", () => {
    const byQuery = new DeniedPaths(["/do?action=delete"]);
    expect([byQuery.deny("/do?action=delete&id=1"), byQuery.deny("/do?action=show")]).toEqual([true, false]);
  });

  it("deny nothing when none are named", () => {
    expect(new DeniedPaths([]).deny("/logout")).toBe(false);
  });
});
