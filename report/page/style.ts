/** The page's style: system fonts, one accent per severity, light and dark, from 390 pixels up. */

export const pageStyle: string = `
:root {
  --paper: #fbfbfc; --card: #ffffff; --sunk: #f3f4f6; --ink: #16191f; --soft: #4a5160; --faint: #626a79; --line: #e2e5ea; --focus: #2457d6;
  --high: #b3261e; --high-tint: #fdeceb; --medium: #8f5200; --medium-tint: #fdf1de; --low: #1d59b8; --low-tint: #e9f1fd; --info: #535b6a; --info-tint: #eef0f3;
  --pass: #146c43; --pass-tint: #e8f6ee; --removed: #b3261e; --removed-tint: #fdeeed; --removed-mark: #f9c9c5; --added: #146c43; --added-tint: #eaf7ef; --added-mark: #b5e4c9;
  --same: #9fb4a8; --noise: #c9ced6; --skipped: #858c99;
  --shadow: 0 1px 2px rgb(16 20 30 / .05), 0 4px 16px rgb(16 20 30 / .04);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101216; --card: #181b21; --sunk: #13161a; --ink: #e8eaee; --soft: #b4bac5; --faint: #979eab; --line: #2b3038; --focus: #8ab0ff;
    --high: #ff8a80; --high-tint: #3a1c1b; --medium: #f2b155; --medium-tint: #362711; --low: #8db9ff; --low-tint: #182a45; --info: #aab1be; --info-tint: #262a32;
    --pass: #6fd39d; --pass-tint: #142c1f; --removed: #ff9d94; --removed-tint: #301a1a; --removed-mark: #6b2a27; --added: #7bdba6; --added-tint: #14281d; --added-mark: #1f5a3a;
    --same: #4c6a5a; --noise: #565e6b; --skipped: #757d8b;
    --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans); }
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
button, input { font: inherit; color: inherit; }
button { cursor: pointer; }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
main:focus-visible { outline: none; }
code, .mono, .example, .differences, .lines, .request code, .signatures li, .id, kbd { font-family: var(--mono); font-size: .9em; }
.value { unicode-bidi: isolate; overflow-wrap: anywhere; }
.left, .empty { color: var(--faint); font-size: 14px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 12px; top: 12px; z-index: 2; background: var(--card); color: var(--ink); padding: 8px 12px; }
.offscreen { position: fixed; left: -9999px; }
noscript p { max-width: 60ch; margin: 32px auto; padding: 0 20px; }

.inner, main { max-width: 1160px; margin: 0 auto; padding: 0 28px; }

.verdict { --tone: var(--pass); --tint: var(--pass-tint); background: linear-gradient(to bottom, var(--tint), var(--paper)); border-top: 5px solid var(--tone); padding: 28px 0 8px; }
.verdict.fail { --tone: var(--high); --tint: var(--high-tint); }
.verdict.inconclusive { --tone: var(--medium); --tint: var(--medium-tint); border-top-style: dashed; }
.brand { display: flex; align-items: center; gap: 9px; color: var(--soft); font-size: 14px; letter-spacing: .01em; }
.moon { width: 15px; height: 15px; border-radius: 50%; background: var(--ink); box-shadow: inset -4px -1px 0 1px var(--noise); }
h1 { display: flex; align-items: center; gap: 14px; margin-top: 18px; color: var(--tone); font-size: 38px; line-height: 1.15; font-weight: 680; letter-spacing: -.015em; }
.sign { display: grid; place-items: center; flex: none; width: 42px; height: 42px; border-radius: 50%; background: var(--tone); color: var(--card); font-size: 23px; font-weight: 700; }
.inconclusive .sign { background: none; color: var(--tone); border: 2.5px dashed var(--tone); }
.sentence::first-letter { text-transform: uppercase; }
.sentence { margin-top: 6px; font-size: 19px; line-height: 1.4; color: var(--ink); }
.totals { margin-top: 26px; }
.bar { display: flex; gap: 2px; height: 12px; border-radius: 6px; overflow: hidden; background: var(--line); }
.bar.thin { height: 8px; margin-top: 12px; }
.part { min-width: 3px; }
.part.different, .dot.different, .part.untested, .dot.untested { background: var(--tone, var(--medium)); }
.verdict.pass .part.different, .verdict.pass .dot.different { background: var(--medium); }
.part.untested, .dot.untested { background: var(--medium); }
.part.same, .dot.same, .part.value, .dot.value { background: var(--same); }
.part.noise, .dot.noise, .part.format, .dot.format { background: var(--noise); }
.part.skipped, .dot.skipped { background: repeating-linear-gradient(135deg, var(--skipped) 0 3px, transparent 3px 6px); }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 24px; margin-top: 13px; color: var(--soft); }
.legend b { color: var(--ink); font-weight: 650; font-variant-numeric: tabular-nums; }
.sums { display: flex; flex-wrap: wrap; gap: 2px 28px; margin-top: 10px; color: var(--faint); font-size: 13.5px; font-variant-numeric: tabular-nums; }
.reasons { margin-top: 20px; display: grid; gap: 6px; }
.reasons li { padding-left: 14px; border-left: 3px solid var(--tone); }
.reasons code { color: var(--faint); white-space: nowrap; }

main { padding-bottom: 72px; }
h2 { font-size: 20px; font-weight: 650; letter-spacing: -.01em; line-height: 1.3; }
h3 { font-size: 14px; font-weight: 650; color: var(--soft); }
.toolbar { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; margin-top: 26px; }
.toolbar input { flex: 1 1 220px; max-width: 360px; min-width: 0; padding: 8px 13px; background: var(--card); border: 1px solid var(--line); border-radius: 9px; }
.toolbar input::placeholder { color: var(--faint); opacity: 1; }
.toggle, .tab, .copy { padding: 7px 13px; background: var(--card); border: 1px solid var(--line); border-radius: 9px; color: var(--soft); white-space: nowrap; }
.toggle:hover, .tab:hover, .copy:hover { border-color: var(--faint); color: var(--ink); }
.toggle[aria-pressed="true"], .tab[aria-pressed="true"] { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.n { margin-left: 7px; opacity: .75; font-variant-numeric: tabular-nums; }
.keys { display: flex; gap: 14px; margin-left: auto; color: var(--faint); font-size: 13px; }
kbd { display: inline-block; min-width: 20px; margin-right: 3px; padding: 0 5px; text-align: center; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; background: var(--card); font-size: 12px; }

.group { margin-top: 26px; }
.cards { display: grid; gap: 10px; margin-top: 12px; }
.card { --accent: var(--info); --accent-tint: var(--info-tint); background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 12px; box-shadow: var(--shadow); overflow: clip; }
.card.high { --accent: var(--high); --accent-tint: var(--high-tint); }
.card.medium { --accent: var(--medium); --accent-tint: var(--medium-tint); }
.card.low { --accent: var(--low); --accent-tint: var(--low-tint); }
.head { display: grid; grid-template-columns: 82px minmax(0, 1fr) auto; gap: 4px 14px; width: 100%; padding: 15px 20px 15px 16px; background: none; border: 0; text-align: left; align-items: start; }
.head:focus-visible { outline-offset: -3px; border-radius: 9px; }
.head:hover .title { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.chip { justify-self: start; padding: 2px 9px; border-radius: 999px; background: var(--accent-tint); color: var(--accent); font-size: 12.5px; font-weight: 650; line-height: 1.5; }
.what { display: grid; gap: 5px; min-width: 0; }
.title { font-weight: 620; font-size: 16px; line-height: 1.4; }
.example { line-height: 1.5; }
.from { color: var(--removed); } .to { color: var(--added); } .arrow { color: var(--faint); }
.facts { display: flex; flex-wrap: wrap; gap: 2px 18px; color: var(--faint); font-size: 13.5px; }
.condition { color: var(--ink); }
.state.new, .state.returned, .state.unconfirmed { color: var(--ink); }
.reach { display: grid; gap: 7px; justify-items: end; color: var(--soft); font-size: 14px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.meter { display: block; width: 96px; height: 5px; border-radius: 3px; background: var(--line); overflow: hidden; }
.meter span { display: block; height: 100%; background: var(--accent); }
.quiet .card { --accent: var(--noise); --accent-tint: var(--info-tint); box-shadow: none; background: none; }
.quiet .chip { color: var(--faint); }
.quiet .title, .quiet .from, .quiet .to { color: var(--soft); font-weight: 500; }
.quiet > summary { list-style: none; display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 10px; padding: 6px 0; cursor: pointer; }
.quiet > summary h2 { font-size: 17px; color: var(--soft); }
.quiet > summary .n { margin: 0; color: var(--faint); }
.hint { color: var(--faint); font-size: 14px; overflow-wrap: anywhere; }
summary::marker { color: var(--faint); }
.quiet > summary::before { content: "▸"; color: var(--faint); width: 12px; }
.quiet[open] > summary::before { content: "▾"; }

.body { border-top: 1px solid var(--line); padding: 18px 20px 22px; display: grid; gap: 18px; }
.grid { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 5px 20px; }
.grid dt { color: var(--faint); }
.grid.mono dt { max-width: 240px; }
.signatures summary, .fields summary { cursor: pointer; color: var(--soft); }
.signatures ul { margin: 8px 0 0 18px; display: grid; gap: 3px; color: var(--soft); }
.exemplars { display: grid; gap: 12px; }
.tabs { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.tabs h3 { margin-right: 6px; }
.tab { padding: 3px 11px; font-size: 13.5px; }
.sample { display: grid; gap: 12px; min-width: 0; }
.request { display: flex; gap: 12px; align-items: flex-start; justify-content: space-between; padding: 10px 10px 10px 14px; background: var(--sunk); border: 1px solid var(--line); border-radius: 9px; }
.request code { padding-top: 4px; font-size: 14px; }
.copy { padding: 4px 11px; font-size: 13.5px; flex: none; }
.fields { font-size: 14px; min-width: 0; }
.fields .grid { margin: 8px 0 4px; font-size: 13px; }
.differences { display: grid; gap: 3px; font-size: 13px; }
.differences .place { color: var(--faint); margin-right: 6px; }
.sides { border: 1px solid var(--line); border-radius: 9px; overflow: clip; }
.sides .fields { border-bottom: 1px solid var(--line); }
.sides .fields summary { padding: 5px 12px; font-size: 13px; }
.lines { font-size: 12.5px; line-height: 1.6; }
.row { display: grid; grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr)); }
.n2 { --columns: 2; } .n3 { --columns: 3; }
.cell { padding: 0 12px; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; unicode-bidi: isolate; min-height: 1.6em; border-left: 1px solid var(--line); }
.cell:first-child { border-left: 0; }
.lines.one { margin-top: 6px; background: var(--sunk); border-radius: 8px; padding: 8px 0; }
.heads { background: var(--sunk); border-bottom: 1px solid var(--line); font-family: var(--sans); }
.heads .cell { display: grid; align-content: start; gap: 1px; padding: 9px 12px; white-space: normal; }
.side { font-size: 13px; color: var(--faint); }
.status { font-size: 15px; font-weight: 620; }
.status.differs { color: var(--high); }
.note { font-size: 12.5px; color: var(--faint); }
.cell.changed { background: var(--added-tint); }
.cell.base { background: var(--removed-tint); }
.cell.noisy { background: var(--info-tint); }
.cell.none { background: repeating-linear-gradient(135deg, transparent 0 5px, var(--sunk) 5px 10px); }
.row.same .cell { color: var(--soft); }
mark { color: inherit; border-radius: 3px; background: var(--added-mark); }
.noisy mark { background: var(--noise); }
.base mark { background: var(--removed-mark); }
.gap { display: block; width: 100%; padding: 3px 12px; border: 0; background: var(--sunk); color: var(--faint); font: 12.5px/1.6 var(--sans); text-align: left; }
button.gap { color: var(--low); }
button.gap:hover { text-decoration: underline; }

.hidden-by-rules, .rules li { color: var(--faint); }
.panel { margin-top: 44px; }
.panel h3 { margin: 20px 0 6px; }
.panel > .grid { margin-top: 12px; }
.plain { display: grid; gap: 4px; }
.plain li { padding-left: 16px; position: relative; }
.plain li::before { content: ""; position: absolute; left: 2px; top: .68em; width: 5px; height: 5px; border-radius: 50%; background: var(--skipped); }
.scroll { margin-top: 12px; overflow-x: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 8px 16px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; color: var(--faint); font-size: 13px; white-space: nowrap; }
tbody th { font-family: var(--mono); font-size: 13px; min-width: 180px; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.differs td:nth-child(3) { font-weight: 650; }
.panel .left, .panel .hint { margin-top: 10px; }
.curve { margin: 0; }
.curve h3 + .hint { margin-top: 0; }
.columns { display: flex; height: 92px; margin-top: 12px; border-bottom: 1px solid var(--line); }
.step { position: relative; flex: 1 1 0; min-width: 0; }
.step span { position: absolute; bottom: 0; }
.step .recorded { left: 0; right: 0; }
.step .achieved { left: 30%; right: 30%; }
.recorded { background: var(--noise); }
.achieved { background: var(--low); }

@media (max-width: 760px) {
  body { font-size: 15px; }
  .inner, main { padding-left: 16px; padding-right: 16px; }
  .verdict { padding-top: 20px; }
  h1 { font-size: 30px; gap: 11px; }
  .sign { width: 35px; height: 35px; font-size: 19px; }
  .sentence { font-size: 17px; }
  .keys { display: none; }
  .toolbar input { max-width: none; flex-basis: 100%; }
  .head { grid-template-columns: auto 1fr; padding: 13px 14px 14px 12px; gap: 8px 10px; }
  .what { grid-column: 1 / -1; grid-row: 2; }
  .reach { grid-column: 2; grid-row: 1; grid-auto-flow: column; align-items: center; justify-content: end; gap: 10px; }
  .meter { width: 44px; }
  .body { padding: 14px; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .grid dd { margin-bottom: 8px; }
  .request { flex-direction: column; }
  .sides .row { display: block; }
  .sides .cell.none, .sides .cell.equal:not(.first) { display: none; }
  .sides .cell { border-left: 0; }
  .sides .lines:not(.heads) .row:not(.same) .cell::before { content: attr(data-side); float: right; margin-left: 10px; font: 11px/1.8 var(--sans); color: var(--faint); }
  .heads .cell { border-top: 1px solid var(--line); }
  .heads .cell:first-child { border-top: 0; }
}
@media print {
  .toolbar, .copy, .skip { display: none; }
  body { background: none; }
}
`;
