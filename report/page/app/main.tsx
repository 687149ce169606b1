/** The page's beginning: opens the data, then shows it. The same for a file and for the live dashboard.
 *
 *    source ─► data (a signal) ─► state: search, what is open ─► components
 *
 * Recorded text only ever becomes a text node: nothing here builds markup from strings. */

import "uplot/dist/uPlot.min.css";
import "./style.css";
import { render } from "preact";
import { Endpoints } from "./endpoints.tsx";
import { FieldTree } from "./field-tree.tsx";
import { Findings } from "./findings.tsx";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { listenToKeys } from "./keys.ts";
import { LiveBar } from "./live-bar.tsx";
import { announceChanges, Notices } from "./notices.tsx";
import { Coverage, Rules, RunFacts } from "./panels.tsx";
import { Replay } from "./replay.tsx";
import { Sections } from "./sections.tsx";
import { SeenNow } from "./seen-now.tsx";
import { type Data, data, openSource, type Source } from "./source.ts";
import { followLink, readAddress, stayWhereReadersAre } from "./state.ts";
import { TimeLine } from "./time-line.tsx";

function Page({ source }: { readonly source: Source }) {
  const shown = data.value;
  return (
    <>
      <a
        class="skip"
        href="#findings"
        onClick={(event) => {
          // The address says what is shown, not where the reader is.
          event.preventDefault();
          document.getElementById("findings")?.focus();
        }}
      >
        Skip to findings
      </a>
      {source.isLive && <LiveBar />}
      {shown === null ? (
        <main id="findings" tabIndex={-1}>
          <p class="waiting">Waiting for the first exchanges …</p>
          <SeenNow />
        </main>
      ) : (
        <>
          <Header data={shown} />
          <main id="findings" tabIndex={-1}>
            <Sections present={presentIn(shown)} />
            <SeenNow />
            <Findings source={source} />
            <FieldTree />
            <Rules data={shown} />
            <Coverage data={shown} />
            <Endpoints />
            <TimeLine view={shown.timeline} />
            <Replay view={shown.replay} />
            <RunFacts data={shown} samplesLeftOut={source.samplesLeftOut} />
          </main>
        </>
      )}
      <Notices />
      <Help />
    </>
  );
}

function presentIn({ fields, rules, endpoints, timeline, replay }: Data): ReadonlySet<string> {
  const optional: readonly (readonly [string, boolean])[] = [
    ["Fields", fields.length > 0],
    ["Rules", rules.length > 0],
    ["Endpoints", endpoints.length > 0],
    ["Over time", timeline !== null],
    ["Replay", replay !== null],
  ];
  return new Set(["Findings", "Coverage and blind spots", "Run", ...optional.flatMap(([name, isThere]) => (isThere ? [name] : []))]);
}

async function start(): Promise<void> {
  const page = document.getElementById("page");
  if (page === null) return;
  try {
    const source = await openSource();
    render(<Page source={source} />, page);
    addEventListener("hashchange", readAddress);
    stayWhereReadersAre();
    listenToKeys();
    if (source.isLive) {
      announceChanges();
      data.subscribe((shown) => {
        if (shown !== null) document.title = `${shown.word} · Penumbra`;
      });
    }
    readAddress();
    data.subscribe(followLink);
  } catch (error) {
    page.textContent = `This page could not be opened: ${error instanceof Error ? error.message : String(error)}. The text and JSON reports say the same.`;
  }
}

void start();
