/** What the page sends to accept findings, checked: {"findings": [ids], "reason": "…", "owner": "…", "expires": "YYYY-MM-DD" | null}. */

import { z } from "zod";
import { PenumbraError } from "../../model/errors.ts";
import { isDay } from "../values.ts";

const mostFindings = 2000;
const longestReason = 2000;
const longestOwner = 200;

const acceptRequest = z.strictObject({
  findings: z
    .array(z.string().regex(/^[0-9a-f]{12}$/, "12 hex digits"))
    .min(1)
    .max(mostFindings),
  reason: z
    .string()
    .max(longestReason)
    .refine((text) => text.trim() !== "", "why the change is wanted"),
  owner: z.string().max(longestOwner).default(""),
  expires: z.string().refine(isDay, "a day that exists, such as 2027-01-31").nullable().default(null),
});

export type AcceptRequest = z.infer<typeof acceptRequest>;

/** @throws PenumbraError `BAD_REQUEST` naming the first thing that is wrong */
export function readAcceptRequest(text: string): AcceptRequest {
  const hint = 'send {"findings": [ids], "reason": "…", "owner": "…", "expires": "2027-01-31" or null}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PenumbraError("BAD_REQUEST", "the body is not JSON", hint, cause);
  }
  const checked = acceptRequest.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new PenumbraError("BAD_REQUEST", `${issue?.path.join(".") || "the body"}: ${issue?.message ?? "unfit"}`, hint);
}
