import { describe, expect, it } from "vitest";
import { References } from "../../../diff/compare/references.ts";
import { compare, found, json, uuid } from "./answers.ts";

describe("References", () => {
  it("knows a pair either way round", () => {
    const references = new References();
    references.bind("user", "1", "2");
    expect(["12", "13", "32", "45"].map((pair) => references.check("user", pair.charAt(0), pair.charAt(1)))).toEqual([
      "agrees",
      "contradicts",
      "contradicts",
      "unknown",
    ]);
    expect(references.check("order", "1", "3")).toBe("unknown");
    expect([references.knows("1", "2"), references.knows("2", "1")]).toEqual([true, false]);
  });

  it("forgets the oldest pairs at its bound", () => {
    const references = new References(2);
    for (const id of ["a", "b", "c"]) references.bind("user", id, id.toUpperCase());
    expect(["a", "b", "c"].map((id) => references.rightOf("user", id))).toEqual([undefined, "B", "C"]);
  });
});

describe("things made by two writers at the same time", () => {
  const list = (...bodies: readonly string[]) => json(bodies.map((body, index) => ({ id: index + 13, body, postId: 10 })));

  it("are the same things when each copy has counted them in its own order", () => {
    expect(found(list("1 says", "2 says"), list("2 says", "1 says"))).toEqual([]);
    expect(found(list("old", "1 says", "2 says"), list("old", "2 says", "1 says"))).toEqual([]);
  });

  it("stand in the order of their ids on both sides, also for who has made them both", () => {
    const references = new References();
    const made = (id: number) => json({ id, body: "new" });
    for (const [left, right] of [
      [13, 14],
      [14, 13],
    ] as const)
      expect(found(made(left), made(right), { target: "/comments", method: "POST", references })).toEqual([]);
    const setting = { target: "/comments", references };
    expect(found(list("1 says", "2 says"), list("2 says", "1 says"), setting)).toEqual([]);
    expect(found(list("1 says", "2 says", "later"), list("2 says", "1 says", "now"), setting)).toEqual([
      "/*/body json.value value later→now",
    ]);
    const turned = json([
      { id: 14, body: "2 says", postId: 10 },
      { id: 13, body: "1 says", postId: 10 },
    ]);
    expect(found(list("1 says", "2 says"), turned)).toEqual(["json.order value order"]);
  });

  it("are other things when one has changed, or something made later agrees", () => {
    expect(found(list("1 says", "2 says"), list("2 says", "something"))).not.toEqual([]);
    expect(found(list("1 says", "2 says", "later"), list("2 says", "1 says", "later"))).not.toEqual([]);
  });
});

describe("two random tokens", () => {
  const token = (nonce: string) => json({ nonce });

  it("are ids, also when letters and digits hardly take turns in one of them", () => {
    expect(found(token("0e98b41a7c2d5f603b18"), token("40312896675510938abd"))).toEqual([]);
    expect(found(token("d1905050943143114923"), token("997103bf6d836e52851e"))).toEqual([]);
  });

  it("are ids when that is so of both, as of one pair in ten thousand with 16 digits", () => {
    expect(found(token("bbdfcaf059023117"), token("8120437795613ecb"))).toEqual([]);
    expect(found(token("8120437795613902"), token("bbdfcaf059023117"))).toEqual([]);
  });

  it("are none when they are numbers, words, or counted", () => {
    expect(found(token("4242424242421111"), token("5555555555554444"))).not.toEqual([]);
    expect(found(token("decadedecadefeed"), token("facadefacadebeef"))).not.toEqual([]);
    expect(found(token("00000000000004c2"), token("00000000000004f7"))).not.toEqual([]);
  });

  it("are ids, whatever letters redaction has drawn for them", () => {
    expect(found(token("tok_1IgOvgtuyXQFAvBiJCMCtA"), token("tok_KvQmTzYwPbXcVnRsLdFgHj"))).toEqual([]);
  });

  it("are ids without digits, too, and camel case words are none", () => {
    const tokens = (key: string) => json({ key });
    expect(found(tokens("MdHxSe6FhmeUpileGcAMrEisbQfKENsK"), tokens("g_WVLuKKcxhrJeVRuxkBcZTELOAOuaS3"))).toEqual([]);
    for (const [left, right] of [
      ["UserAccountSettingsPage", "UserProfileSettingsPage"],
      ["application_configuration", "application_customisation"],
      ["HTTPServerXMLDocumentAPI", "HTTPClientXMLDocumentAPI"],
    ] as const)
      expect(found(tokens(left), tokens(right))).toEqual([`/key json.value value ${left}→${right}`.replace(/ \S+$/, " value")]);
  });

  it("are none when one is shorter", () => {
    expect(found(token("0e98b41a7c2d5f603b18"), token("4031289667551093"))).not.toEqual([]);
  });
});

describe("references of one answer", () => {
  const order = (user: number, owner: number, items: readonly number[]) => ({
    user: { id: uuid(user), name: "Jo" },
    order: { userId: uuid(owner), items: items.map((id) => ({ id: uuid(id), size: 1 })) },
  });

  it("renamed consistently are equal, and count as compared by format", () => {
    const comparison = compare(json(order(1, 1, [2, 3])), json(order(11, 11, [12, 13])));
    expect(comparison.differences).toEqual([]);
    expect(comparison.leaves.byFormat).toBe(4);
  });

  it("report the one that no longer points at the same thing", () => {
    expect(found(json(order(1, 1, [2, 3])), json(order(11, 12, [12, 13])))).toEqual(["/order/userId json.reference value reference"]);
  });

  it("report the odd one out even when it comes first", () => {
    const list = (first: number, rest: number) =>
      json({ ownerId: uuid(first), members: [{ userId: uuid(rest) }, { userId: uuid(rest), x: 1 }] });
    expect(found(list(1, 1), list(19, 11))).toEqual(["/ownerId json.reference value reference"]);
  });

  it("report two ids that became one", () => {
    expect(found(json({ aId: uuid(1), bId: uuid(2) }), json({ aId: uuid(11), bId: uuid(11) }))).toEqual([
      "/bId json.reference value reference",
    ]);
  });

  it("report a counted id that points elsewhere without any renaming", () => {
    expect(found(json({ userId: 7 }), json({ userId: 9 }))).toEqual(["/userId json.reference value reference"]);
    expect(found(json({ userId: "u-7" }), json({ userId: "u-9" }))).toEqual(["/userId json.reference value reference"]);
  });

  it("accept a counted id that follows the id of the thing it names", () => {
    const shop = (id: number) => json({ users: [{ id, name: "Jo" }], carts: [{ userId: id, size: 2 }] });
    expect(found(shop(7), shop(8))).toEqual([]);
  });

  it("are found in a list whose key was made anew on both sides", () => {
    // Fast-check's find: the empty key is all that the two lists have in common.
    const list = (id: number) => json([{ ids: [uuid(id)], key: uuid(id) }, { key: "" }]);
    expect(found(list(1), list(2))).toEqual([]);
  });

  it("do not take prices and counts for ids", () => {
    expect(found(json({ paid: 1, grid: 2, total: 3 }), json({ paid: 2, grid: 3, total: 4 }))).toHaveLength(3);
  });

  it("do not take short codes for ids by their looks", () => {
    expect(found(json({ coupon: "SAVE20NOW" }), json({ coupon: "SAVE30NOW" }))).toEqual(["/coupon json.value value value"]);
  });
});

describe("references of one lane", () => {
  it("are held to what earlier answers said", () => {
    const references = new References();
    const created = (id: number) => json({ id, name: "Jo" });
    expect(found(created(7), created(8), { target: "/users", method: "POST", references })).toEqual([]);
    expect(found(json({ userId: 7 }), json({ userId: 8 }), { target: "/carts", references })).toEqual([]);
    expect(found(json({ userId: 7 }), json({ userId: 9 }), { target: "/carts", references })).toEqual([
      "/userId json.reference value reference",
    ]);
  });

  it("learn from equal answers that each id stands for itself", () => {
    const references = new References();
    const users = json([
      { id: uuid(1), name: "a" },
      { id: uuid(2), name: "b" },
    ]);
    expect(found(users, users, { references })).toEqual([]);
    expect(found(json({ ownerId: uuid(1) }), json({ ownerId: uuid(2) }), { references })).toEqual([
      "/ownerId json.reference value reference",
    ]);
  });

  it("learn the identity of ids that only changed their type", () => {
    const references = new References();
    expect(found(json({ id: 5 }), json({ id: "5" }), { target: "/users", references })).toEqual(["/id json.type type number→string"]);
    expect(found(json({ userId: 5 }), json({ userId: 6 }), { references })).toEqual(["/userId json.reference value reference"]);
  });

  it("match elements of lists under their new ids", () => {
    const references = new References();
    const made = (id: string) => json({ id, text: "new" });
    expect(found(made("uPYXccXqH8g"), made("36RHiRHgksQ"), { target: "/todos", method: "POST", references })).toEqual([]);
    const list = (...todos: readonly (readonly [string, string])[]) => json(todos.map(([id, words]) => ({ id, text: words })));
    const left = list(["t1a2b3c4", "old"], ["uPYXccXqH8g", "new"]);
    expect(found(left, list(["36RHiRHgksQ", "changed"], ["t1a2b3c4", "old"]), { target: "/todos", references })).toEqual([
      "json.order value order",
      "/*/text json.value value new→changed",
    ]);
  });
});

describe("the request as an anchor", () => {
  const post = (id: number | string) => json({ id, title: "x" });

  it("holds the answer to the id that was asked for", () => {
    expect(found(post(5), post(6), { target: "/posts/5" })).toEqual(["/id json.reference value reference"]);
    expect(found(post(5), post(6), { target: "/posts/5", rightSentTarget: "/posts/6" })).toEqual([]);
    expect(found(post(5), post(6), { target: "/posts/1", leftSentTarget: "/posts/5", rightSentTarget: "/posts/6" })).toEqual([]);
  });

  it("wins over what the lane believes, for this answer only", () => {
    const references = new References();
    references.bind("post", "5", "7");
    expect(found(post(5), post(6), { target: "/posts/5", rightSentTarget: "/posts/6", references })).toEqual([]);
    expect(references.rightOf("post", "5")).toBe("7");
  });

  it("holds for query values and UUIDs anywhere in the answer", () => {
    const of = (user: number) => json({ carts: [{ userId: uuid(user) }] });
    expect(found(of(1), of(2), { target: `/carts?user_id=${uuid(1)}` })).toEqual(["/carts/*/userId json.reference value reference"]);
    expect(found(of(1), of(2), { target: `/carts?user_id=${uuid(1)}`, rightSentTarget: `/carts?user_id=${uuid(2)}` })).toEqual([]);
  });
});
