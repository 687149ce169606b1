import { describe, expect, it } from "vitest";
import { parted } from "../../../report/page/app/own-differences.ts";

const difference = (place: string, kind: string = "json.value") => ({ place, kind, from: "1", to: "2" });

describe("the differences of an exchange", () => {
  it("are the finding's own, the one that speaks for it first, and others in their order", () => {
    const all = [difference("header etag"), difference("body /id"), difference("body /price"), difference("status")];
    const places = [["GET /a", "body /price"] as const, ["GET /a", "header etag"] as const];
    expect(parted(all, { places, kind: "json.value" })).toEqual({ own: [all[2], all[0]], others: [all[1], all[3]] });
  });

  it("are told apart by kind where a place has several", () => {
    const all = [difference("body /a", "json.order"), difference("body /a", "json.type")];
    expect(parted(all, { places: [["GET /a", "body /a"]], kind: "json.type" }).own).toEqual([all[1], all[0]]);
  });

  it("are found under keys that are data, and not at places that only begin alike", () => {
    const all = [difference("body /stock/sku-7/left"), difference("body /stock/sku-7"), difference("body /stock/sku-7/left/over")];
    expect(parted(all, { places: [["GET /a", "body /stock/*/left"]], kind: "json.value" })).toEqual({
      own: [all[0]],
      others: [all[1], all[2]],
    });
  });
});
