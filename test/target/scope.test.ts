import { describe, expect, it } from "vitest";
import { scopeOf } from "../../target/scope.ts";

describe("the scope of a request target", () => {
  it.each([
    ["/comments/15?full=1", "comments"],
    ["/comments", "comments"],
    ["/15/replies", "replies"],
    ["/8a1b22c0-94d4-4e7c-8d4e-0a7d2c9b1f10/files", "files"],
    ["//about", "about"],
    ["/%61bout", "about"],
    ["/50%/off", "50%"],
    ["/../etc/passwd", "etc"],
    ["http://shop.test/comments?x", "comments"],
    ["*", ""],
    ["/", ""],
    ["/42", ""],
    ["", ""],
  ])("%j is %j", (target, scope) => {
    expect(scopeOf(target)).toBe(scope);
  });
});
