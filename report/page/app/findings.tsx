/** The findings by group: what is open, what somebody decided about, what is noise. */

import { clipped, visible } from "../../visible.ts";
import { FindingCard } from "./finding-card.tsx";
import type { Source } from "./source.ts";
import { current, dropLink, type Finding, fold, groups, missing, query, type ShownGroup, wanted } from "./state.ts";
import { Toolbar } from "./toolbar.tsx";
import { VirtualList } from "./virtual-list.tsx";
import { plural } from "./words.ts";

/** An id has 12; an address may hold anything. */
const mostIdCharacters = 40;

export function Findings({ source }: { readonly source: Source }) {
  const isAny = groups.value.some(({ all }) => all > 0);
  const isNothingFound = query.value !== "" && groups.value.every(({ findings }) => findings.length === 0);
  return (
    <section class="findings" aria-label="Findings">
      <Missing isLive={source.isLive} />
      {isAny && <Toolbar />}
      {groups.value.map((group) => (
        <Group key={group.key} group={group} source={source} />
      ))}
      <p class="empty" role="status">
        {isNothingFound ? "No finding fits this search." : ""}
      </p>
    </section>
  );
}

/** A link leads to the finding of one run; in another it may be gone. */
function Missing({ isLive }: { readonly isLive: boolean }) {
  const id = missing.value;
  const reasons = [
    "be fixed",
    "belong to another run",
    ...(groups.value.some(({ leftOut }) => leftOut > 0) ? ["be left out here"] : []),
    ...(isLive ? ["not be found yet"] : []),
  ];
  return (
    <div class={id === null ? "" : "missing"}>
      <p role="status" class="value">
        {id !== null && (
          <>
            There is no finding <code>{clipped(visible(id), mostIdCharacters)}</code> in this report: it may {reasons.join(", ")}, or be
            hidden by a rule.
          </>
        )}
      </p>
      {id !== null && (
        <button type="button" class="tab" onClick={dropLink}>
          Forget it
        </button>
      )}
    </div>
  );
}

function Group({ group, source }: { readonly group: ShownGroup; readonly source: Source }) {
  const total = group.all + group.leftOut;
  if (group.key === "open") {
    const isFiltered = group.findings.length < group.all;
    const title =
      total === 0 ? "No findings" : isFiltered ? `${group.findings.length} of ${plural(total, "finding")}` : plural(total, "finding");
    return (
      <div class="group open">
        <h2>{title}</h2>
        <List group={group} source={source} />
      </div>
    );
  }
  if (total === 0) return null;
  return (
    <div class={`group quiet ${group.isUnfolded ? "unfolded" : ""}`}>
      <h2>
        <button type="button" class="fold" aria-expanded={group.isUnfolded} onClick={() => fold(group.key)}>
          {group.title} <span class="n">{total.toLocaleString("en-US")}</span>
        </button>
      </h2>
      <p class="hint">{group.sentence}</p>
      {group.isUnfolded && <List group={group} source={source} />}
    </div>
  );
}

function List({ group, source }: { readonly group: ShownGroup; readonly source: Source }) {
  return (
    <>
      <VirtualList
        items={group.findings}
        keyOf={(finding: Finding) => finding.id}
        row={(finding: Finding) => <FindingCard finding={finding} source={source} />}
        wanted={wanted.value}
        found={(element) => {
          wanted.value = null;
          current.value = element.dataset["key"] ?? null;
          element.querySelector<HTMLElement>("button.head")?.focus({ preventScroll: true });
          element.scrollIntoView({ block: "nearest" });
        }}
      />
      {group.leftOut > 0 && <p class="left">{plural(group.leftOut, "more finding")} left out here; report.json has all</p>}
    </>
  );
}
