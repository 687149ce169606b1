import { describe, expect, it } from "vitest";
import { isSurprising } from "../../target/surprise.ts";

describe("a value can link exchanges by being equal", () => {
  it.each([
    "RCgs9u4cTCI",
    "8a1b22c0-94d4-4e7c-8d4e-0a7d2c9b1f10",
    "65f1a7c2e4b0d9a8c7b6a5f4",
    "01HV6Z3N5X8QJ4K2M7P9R1S3T5",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "tok_4f9c2d7e8a1b3c5d",
    "48293847",
    "s3cr3t-9xK2",
    "a+b/c9D8e7F6==",
    "/Zk3fQ9a+b1==",
    "tok_Login-of_some-kind-abc",
  ])("when it is %j", (value) => {
    expect(isSurprising(value)).toBe(true);
  });

  it.each([
    "",
    "15",
    "999999",
    "true",
    "published",
    "application/json",
    "text/html",
    "first-post-2024",
    "createdAt",
    "README.md",
    "v1.12.3",
    "192.168.100.12",
    "3.14159265",
    "1.5e10",
    "2026-11-22",
    "2026-11-22T10:00:00.000Z",
    "20261122",
    "10:30:00",
    "https://shop.test/a/8a1b22c0",
    "/comments/15",
    "hello world again",
    "alice@example.com",
    "aaaaaaaaaaaaaaaa",
    "en-US",
    "no-cache",
  ])("not when it is %j", (value) => {
    expect(isSurprising(value)).toBe(false);
  });
});
