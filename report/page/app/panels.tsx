/** What a run can and cannot say, what rules hid, and the facts of the run. */

import type { Data } from "./source.ts";
import { plural } from "./words.ts";

export function Coverage({ data }: { readonly data: Data }) {
  return (
    <section class="panel" aria-label="Coverage and blind spots">
      <h2>What this run can and cannot say</h2>
      {data.coverage.length > 0 && (
        <>
          <ul class="legend">
            {data.coverage.map((part) => (
              <li key={part.key}>
                <span class={`dot ${part.key}`} aria-hidden="true" />
                <b>{part.text}</b> {part.label}
              </li>
            ))}
          </ul>
          <div class="bar thin" aria-hidden="true">
            {data.coverage
              .filter(({ share }) => share > 0)
              .map((part) => (
                <span key={part.key} class={`part ${part.key}`} style={{ width: `${part.share * 100}%` }} />
              ))}
          </div>
        </>
      )}
      <Lines title="Blind spots" lines={data.blindSpots} />
      <Lines title="Accepted changes" lines={data.remarks} />
    </section>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain">
        {lines.map((line) => (
          <li key={line} class="value">
            {line}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Grey, since it was decided that these differences do not count. */
export function Rules({ data }: { readonly data: Data }) {
  if (data.rules.length === 0) return null;
  return (
    <section class="panel rules" aria-label="Rules">
      <h2>Rules</h2>
      {data.rulesSentence !== "" && <p class="hint">{data.rulesSentence}</p>}
      <ul class="plain">
        {data.rules.map((rule, index) => (
          <li key={index}>
            <code class="value">{rule.text}</code> <span>{rule.did}</span>
            {rule.reason !== "" && <span class="value reason"> ({rule.reason})</span>}
            {rule.places.length > 0 && (
              <ul class="signatures">
                {rule.places.map((place) => (
                  <li key={place} class="value">
                    {place}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function RunFacts({ data, samplesLeftOut }: { readonly data: Data; readonly samplesLeftOut: number }) {
  return (
    <section class="panel" aria-label="Run">
      <h2>Run</h2>
      <dl class="grid">
        {data.facts.map(([name, value]) => (
          <div key={name} class="pair">
            <dt>{name}</dt>
            <dd class="value">{value}</dd>
          </div>
        ))}
      </dl>
      {samplesLeftOut > 0 && <p class="left">{plural(samplesLeftOut, "sample")} left out to keep this page small</p>}
    </section>
  );
}
