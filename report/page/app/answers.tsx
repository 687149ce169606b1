/** What each target answered, line against line: side by side or one under the other, equal lines folded, changed words marked.
 * Where the candidate differs from production, both are coloured; where only the control does, that is noise and stays grey. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Cell, Row } from "../line-rows.ts";
import type { SampleView, SideView } from "../sample-view.ts";
import { changedWords } from "./changed-words.ts";
import { layout } from "./state.ts";
import { plural } from "./words.ts";

/** Equal lines that stay around a change, and how many more have to be there to be folded. */
const context = 3;
const leastFolded = 8;
/** A body that is not compared is folded from here on. */
const leastFoldedAlone = 60;

type Cells = readonly Cell[];

export function AnswerTable({ view }: { readonly view: SampleView }) {
  const isSplit = layout.value === "split";
  const columns = isSplit ? `lines n${view.sides.length}` : "lines one-column";
  return (
    <div class="sides" role="group" aria-label="What each target answered">
      <div class={`lines n${view.sides.length} heads`}>
        <div class="row">
          {view.sides.map((side) => (
            <div key={side.name} class={`cell ${side.name}`}>
              <span class="side">{side.name}</span>
              <span class={`status value ${side.differs ? "differs" : ""}`}>{side.status}</span>
              <span class="note value">{side.bodyNote}</span>
            </div>
          ))}
        </div>
      </div>
      <Headers view={view} columns={columns} />
      {view.body.length > 0 && (
        <div class={columns}>
          <Lines rows={view.body} sides={view.sides} />
        </div>
      )}
    </div>
  );
}

const alone: readonly SideView[] = [{ name: "request", answered: true, status: "", differs: false, bodyNote: "" }];

export function RequestBody({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <div class="lines one">
      <Lines rows={rows} sides={alone} />
    </div>
  );
}

function Headers({ view, columns }: { readonly view: SampleView; readonly columns: string }) {
  const all = view.headers.map(([name, ...cells]): Cells => cells.map((cell) => (typeof cell === "string" ? `${name}: ${cell}` : cell)));
  if (all.length === 0) return null;
  const same = all.filter((row) => isSame(row, view.sides));
  const differing = all.filter((row) => !isSame(row, view.sides));
  return (
    <div class="fields">
      {differing.length > 0 && (
        <div class={columns}>
          {differing.map((row, index) => (
            <LineRow key={index} row={row} sides={view.sides} />
          ))}
        </div>
      )}
      {same.length > 0 && (
        <details>
          <summary>
            {plural(same.length, "equal header")}
            {differing.length > 0 ? "" : ", none differs"}
          </summary>
          <div class={columns}>
            {same.map((row, index) => (
              <LineRow key={index} row={row} sides={view.sides} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

/** The first side with an answer is what the others are compared with. */
function baseOf(sides: readonly SideView[]): number {
  return Math.max(
    0,
    sides.findIndex((side) => side.answered),
  );
}

function isSame(row: Cells, sides: readonly SideView[]): boolean {
  const base = baseOf(sides);
  return row.every((cell, index) => index === base || cell === 0);
}

type Piece = { readonly row: Cells } | { readonly folded: readonly Cells[] } | { readonly missing: number };

/** Runs of equal lines become folds; a number stands for lines that are not in the page. */
function piecesOf(rows: readonly Row[], sides: readonly SideView[]): Piece[] {
  const pieces: Piece[] = [];
  let run: Cells[] = [];
  const flush = (isEnd: boolean): void => {
    const head = pieces.length === 0 ? 0 : context;
    const tail = isEnd ? 0 : context;
    const isShort = run.length - head - tail < leastFolded || (sides.length === 1 && run.length < leastFoldedAlone);
    const cut = isShort ? [run.length, run.length] : [head, run.length - tail];
    pieces.push(...run.slice(0, cut[0]).map((row) => ({ row })));
    if (!isShort) pieces.push({ folded: run.slice(cut[0], cut[1]) }, ...run.slice(cut[1]).map((row) => ({ row })));
    run = [];
  };
  for (const row of rows) {
    if (typeof row === "number") {
      flush(false);
      pieces.push({ missing: row });
    } else if (isSame(row, sides)) {
      run.push(row);
    } else {
      flush(false);
      pieces.push({ row });
    }
  }
  flush(true);
  return pieces;
}

function Lines({ rows, sides }: { readonly rows: readonly Row[]; readonly sides: readonly SideView[] }) {
  return (
    <>
      {piecesOf(rows, sides).map((piece, index) => {
        if ("missing" in piece)
          return (
            <div key={index} class="gap">
              {plural(piece.missing, "equal line")} left out
            </div>
          );
        if ("folded" in piece) return <Fold key={index} rows={piece.folded} sides={sides} />;
        return <LineRow key={index} row={piece.row} sides={sides} />;
      })}
    </>
  );
}

function Fold({ rows, sides }: { readonly rows: readonly Cells[]; readonly sides: readonly SideView[] }) {
  const isOpen = useSignal(false);
  if (isOpen.value) {
    return (
      <>
        {rows.map((row, index) => (
          <LineRow key={index} row={row} sides={sides} />
        ))}
      </>
    );
  }
  return (
    <button
      type="button"
      class="gap"
      onClick={() => {
        isOpen.value = true;
      }}
    >
      Show {plural(rows.length, "equal line")}
    </button>
  );
}

function LineRow({ row, sides }: { readonly row: Cells; readonly sides: readonly SideView[] }) {
  return layout.value === "unified" && sides.length > 1 ? <UnifiedRow row={row} sides={sides} /> : <SplitRow row={row} sides={sides} />;
}

interface Reading {
  readonly base: Cell;
  readonly baseIndex: number;
  /** Where the candidate stands; −1 = it did not answer, or it is the base. */
  readonly rivalIndex: number;
  readonly rival: Cell;
}

function read(row: Cells, sides: readonly SideView[]): Reading {
  const baseIndex = baseOf(sides);
  const rivalIndex = sides.findIndex(({ name, answered }, index) => name === "candidate" && answered && index !== baseIndex);
  return { base: row[baseIndex] ?? null, baseIndex, rivalIndex, rival: rivalIndex === -1 ? 0 : (row[rivalIndex] ?? null) };
}

function SplitRow({ row, sides }: { readonly row: Cells; readonly sides: readonly SideView[] }) {
  const { base, baseIndex, rivalIndex, rival } = read(row, sides);
  return (
    <div class={isSame(row, sides) ? "row same" : "row"}>
      {row.map((cell, index) => {
        const side = sides[index];
        if (cell === null || side?.answered !== true) return <div key={index} class="cell none" data-side={side?.name} />;
        const isBase = index === baseIndex;
        const kind = isBase ? (rival === 0 ? "equal first" : "base") : cell === 0 ? "equal" : index === rivalIndex ? "changed" : "noisy";
        return (
          <div key={index} class={`cell ${kind}`} data-side={side.name}>
            {cell === 0 ? textOf(base) : marked(cell, isBase ? rival : base)}
          </div>
        );
      })}
    </div>
  );
}

/** One line if all agree, else production's with a minus and the candidate's with a plus; the control's own only as noise. */
function UnifiedRow({ row, sides }: { readonly row: Cells; readonly sides: readonly SideView[] }) {
  const { base, baseIndex, rivalIndex, rival } = read(row, sides);
  const noisy = row.filter(
    (cell, index) => index !== baseIndex && index !== rivalIndex && sides[index]?.answered === true && typeof cell === "string",
  );
  const isChanged = rivalIndex !== -1 && rival !== 0;
  return (
    <>
      {typeof base === "string" && (
        <div class={isChanged ? "row" : "row same"}>
          <div class={`cell ${isChanged ? "base" : "equal first"}`}>
            <span class="mark" aria-label={isChanged ? "removed" : undefined}>
              {isChanged ? "−" : " "}
            </span>
            {marked(base, isChanged ? rival : null)}
          </div>
        </div>
      )}
      {isChanged && typeof rival === "string" && (
        <div class="row">
          <div class="cell changed">
            <span class="mark" aria-label="added">
              +
            </span>
            {marked(rival, base)}
          </div>
        </div>
      )}
      {noisy.map((cell, index) => (
        <div key={index} class="row">
          <div class="cell noisy">
            <span class="mark" aria-label="control">
              ~
            </span>
            {marked(cell, base)}
          </div>
        </div>
      ))}
    </>
  );
}

function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : "";
}

/** The words of a line that the other one does not have. */
function marked(cell: Cell, against: Cell): ComponentChildren {
  const text = textOf(cell);
  if (typeof against !== "string" || text === against) return text;
  return changedWords(text, against).map((piece, index) => (piece.isChanged ? <mark key={index}>{piece.text}</mark> : piece.text));
}
