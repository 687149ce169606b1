/** One finding: a row that says the change in ten seconds, and opens into where, when, how sure, and the exchanges that show it. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FindingDetails } from "../data.ts";
import { AcceptForm } from "./accept-form.tsx";
import { CopyButton } from "./copy.tsx";
import { Exchanges } from "./exchanges.tsx";
import { evidenceMeaning } from "./glossary.ts";
import type { Source } from "./source.ts";
import { accepting, current, expand, expanded, type Finding, help, positions } from "./state.ts";
import { plural } from "./words.ts";

export function FindingCard({ finding, source }: { readonly finding: Finding; readonly source: Source }) {
  const isOpen = expanded.value.has(finding.id);
  const body = `body-${finding.id}`;
  return (
    <article class={`card ${finding.severity} state-${finding.state} ${isOpen ? "expanded" : ""}`} id={`finding-${finding.id}`}>
      <button
        type="button"
        class="head"
        aria-expanded={isOpen}
        aria-controls={isOpen ? body : undefined}
        onClick={() => expand(finding.id)}
        onFocus={() => {
          current.value = finding.id;
        }}
      >
        <span class={`chip ${finding.severity}`}>{finding.severity}</span>
        <span class="what">
          <span class="title value">{finding.title}</span>
          {finding.example !== null && (
            <span class="example">
              <span class="from value">{finding.example[0]}</span>
              <span class="arrow"> → </span>
              <span class="to value">{finding.example[1]}</span>
            </span>
          )}
          <span class="facts">
            {finding.condition !== "" && <span class="condition value">{finding.condition}</span>}
            <span title={evidenceMeaning}>{finding.evidence}</span>
            <span>{finding.class}</span>
            <span class={`state ${finding.state}`}>{finding.state}</span>
            <span class="id">{finding.id}</span>
          </span>
        </span>
        <span class="reach">
          <span>{finding.reach}</span>
          <span class="meter" aria-hidden="true">
            <span style={{ width: `${Math.max(1, finding.share * 100)}%` }} />
          </span>
        </span>
      </button>
      {isOpen && (
        <section class="body" id={body} aria-label={finding.title}>
          <Details finding={finding} source={source} />
        </section>
      )}
    </article>
  );
}

function Details({ finding, source }: { readonly finding: Finding; readonly source: Source }) {
  const details = useSignal<FindingDetails | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        details.value = await source.details(finding, positions.value.get(finding.id) ?? 0);
      } catch (error) {
        problem.value = error instanceof Error ? error.message : "the details could not be read";
      }
    };
    void read();
  }, [finding, source]);
  if (problem.value !== "") return <p class="left">{problem.value}</p>;
  if (details.value === null) return <p class="left">Reading …</p>;
  const { facts, signatures, moreSignatures, exemplars, accept, ignore } = details.value;
  return (
    <>
      <dl class="grid">
        {facts.map(([name, value], index) => (
          <Fact key={`${name} ${index}`} name={name} value={value} />
        ))}
      </dl>
      {signatures.length > 1 && (
        <details class="signatures">
          <summary>{plural(signatures.length + moreSignatures, "signature")} in this finding</summary>
          <ul>
            {signatures.map((signature) => (
              <li key={signature} class="value">
                {signature}
              </li>
            ))}
          </ul>
          {moreSignatures > 0 && <p class="left">{plural(moreSignatures, "more signature")} left out</p>}
        </details>
      )}
      {accept !== "" && (
        <div class="review">
          <button
            type="button"
            class="tab"
            aria-expanded={accepting.value === finding.id}
            onClick={() => {
              accepting.value = accepting.value === finding.id ? null : finding.id;
            }}
          >
            {source.accept === null ? "Accept or ignore" : "Accept"}
          </button>
          {accepting.value === finding.id && <AcceptForm finding={finding} accept={accept} ignore={ignore} source={source} />}
        </div>
      )}
      <Exchanges ids={exemplars} finding={finding} source={source} />
    </>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd class="value">
        {value}
        {name === "Evidence" && (
          <>
            {" "}
            <button
              type="button"
              class="link"
              aria-haspopup="dialog"
              onClick={() => {
                help.value = "words";
              }}
            >
              What is E?
            </button>
          </>
        )}
        {name === "Command" && (
          <>
            {" "}
            <CopyButton label="Copy" text={value} />
          </>
        )}
      </dd>
    </>
  );
}
