/** Exchanges that show a finding: the request, what each target answered, and where that differs. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SampleView } from "../sample-view.ts";
import { AnswerTable, RequestBody } from "./answers.tsx";
import { CopyButton } from "./copy.tsx";
import { parted } from "./own-differences.ts";
import type { Source } from "./source.ts";
import { type Finding, layout } from "./state.ts";
import { plural } from "./words.ts";

/** Others than the finding's own that are listed. */
const mostOthers = 50;

export interface ExchangesProps {
  readonly ids: readonly string[];
  readonly finding: Finding;
  readonly source: Source;
}

export function Exchanges({ ids, finding, source }: ExchangesProps) {
  const chosen = useSignal(0);
  const known = ids.filter((id) => source.has(id));
  if (known.length === 0) return <p class="left">No exchange of this finding is kept in this page.</p>;
  const missing = ids.length - known.length;
  const id = known[Math.min(chosen.value, known.length - 1)] ?? "";
  return (
    <div class="exemplars">
      <div class="tabs">
        <h3>Exchanges that show it</h3>
        {known.length > 1 &&
          known.map((each, index) => (
            <button
              key={each}
              type="button"
              class="tab"
              aria-pressed={each === id}
              onClick={() => {
                chosen.value = index;
              }}
            >
              Exchange {index + 1}
            </button>
          ))}
        {missing > 0 && <span class="left">{plural(missing, "exchange")} not in this page</span>}
        <LayoutButtons />
      </div>
      <Exchange key={id} id={id} finding={finding} source={source} />
    </div>
  );
}

function LayoutButtons() {
  return (
    <span class="layouts" role="group" aria-label="Layout of the bodies">
      {(["split", "unified"] as const).map((each) => (
        <button
          key={each}
          type="button"
          class="tab"
          aria-pressed={layout.value === each}
          onClick={() => {
            layout.value = each;
          }}
        >
          {each === "split" ? "Side by side" : "Unified"}
        </button>
      ))}
    </span>
  );
}

interface ExchangeProps {
  readonly id: string;
  readonly finding: Finding;
  readonly source: Source;
}

function Exchange({ id, finding, source }: ExchangeProps) {
  const view = useSignal<SampleView | null | undefined>(undefined);
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        view.value = await source.sample(id);
      } catch {
        view.value = null;
      }
    };
    void read();
  }, [id, source]);
  if (view.value === undefined) return <p class="left">Reading …</p>;
  if (view.value === null) return <p class="left">This exchange is not kept any more.</p>;
  return <Sample view={view.value} finding={finding} />;
}

function Sample({ view, finding }: { readonly view: SampleView; readonly finding: Finding }) {
  return (
    <div class="sample">
      <div class="request">
        <code class="value">{view.line}</code>
        <CopyButton label="Copy as cURL" text={view.curl} />
      </div>
      <Request view={view} />
      <Differences view={view} finding={finding} />
      {view.hidden.length > 0 && (
        <ul class="differences hidden-by-rules" aria-label="Differences of this exchange that rules hide">
          {view.hidden.map((difference, index) => (
            <li key={index}>
              <span class="place value">{difference.place}</span>{" "}
              <span class="value">
                {difference.from} → {difference.to}
              </span>{" "}
              <span class="value">hidden: {difference.rule}</span>
            </li>
          ))}
        </ul>
      )}
      <AnswerTable view={view} />
    </div>
  );
}

/** What the finding is about comes first; what else differs in the exchange belongs to other findings, or to none. */
function Differences({ view, finding }: { readonly view: SampleView; readonly finding: Finding }) {
  const { own, others } = parted(view.differences, finding);
  const shown = others.slice(0, mostOthers);
  const more = others.length - shown.length + view.moreDifferences;
  return (
    <>
      {own.length > 0 && <DifferenceList label="Differences that this finding is about" differences={own} isOwn />}
      {shown.length > 0 && (
        <div>
          <h4>{own.length > 0 ? "Other differences of this exchange" : "Differences of this exchange"}</h4>
          <DifferenceList label="Other differences of this exchange" differences={shown} />
        </div>
      )}
      {more > 0 && <p class="left">{plural(more, "more difference")}</p>}
    </>
  );
}

interface DifferenceListProps {
  readonly label: string;
  readonly differences: SampleView["differences"];
  readonly isOwn?: boolean;
}

function DifferenceList({ label, differences, isOwn = false }: DifferenceListProps) {
  return (
    <ul class={isOwn ? "differences own" : "differences"} aria-label={label}>
      {differences.map((difference, index) => (
        <li key={index}>
          <span class="place value">{difference.place}</span> <span class="from value">{difference.from}</span>
          <span class="arrow"> → </span>
          <span class="to value">{difference.to}</span>
        </li>
      ))}
    </ul>
  );
}

function Request({ view: { requestHeaders, requestBody } }: { readonly view: SampleView }) {
  if (requestHeaders.length === 0 && requestBody === null) return null;
  const body = requestBody === null ? "" : `, body ${requestBody.note}`;
  return (
    <details class="fields">
      <summary>
        Request: {plural(requestHeaders.length, "header")}
        {body}
      </summary>
      <dl class="grid mono">
        {requestHeaders.map(([name, value], index) => (
          <div key={index} class="pair">
            <dt class="value">{name}</dt>
            <dd class="value">{value}</dd>
          </div>
        ))}
      </dl>
      {requestBody !== null && <RequestBody rows={requestBody.rows} />}
    </details>
  );
}
