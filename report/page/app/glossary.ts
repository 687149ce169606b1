/** The page's words that nobody has to know: shown in its help, and where they stand. */

export const evidenceMeaning =
  "E says how strongly the run speaks for a change: between equal builds it would be as high in at most 1 of E runs. b and c are the cases in which only the candidate, or only the control, differs.";

export const glossary: readonly (readonly [string, string])[] = [
  [
    "E",
    "How strongly the run speaks for a change (an e-value): between equal builds it would be as high in at most 1 of E runs, whenever one looks. E 1 says nothing either way.",
  ],
  [
    "b, c",
    "Cases in which only the candidate (b) or only the control (c) differs from production: sessions, or requests where sessions are few.",
  ],
  ["probe", "The request was sent again several times to each build, to see whether the difference comes back."],
  ["primary, candidate, control", "Production as it was recorded, the new build, and a second copy of production's build beside it."],
  ["noise", "What differs between two copies of the same build, such as times and ids."],
  [
    "known, fixed, returned",
    "The baseline run has it too; the baseline has it and this run would have shown it; it was fixed and shows again. What is none of these is new.",
  ],
  ["unconfirmed", "Too little evidence to call it a change, or noise."],
  ["accepted", "Somebody said that it is wanted, with a reason."],
  ["lane", "The requests of one session, in their order."],
  ["signature", "One endpoint, one place and one kind of difference; a finding has those that likely have one cause."],
  [
    "unseen at most",
    "A difference that this run did not show would touch at most that share of the endpoint's requests (95 % confidence).",
  ],
  ["fidelity", "How often the control gave the status that production gave: how well the copies stand for production."],
];
