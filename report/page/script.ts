/** The page's script: lays out the data block with DOM calls. Recorded text only ever becomes a text node, and
 * nothing here builds markup from strings. Plain JavaScript, since it runs in the reader's browser as it stands. */

export const pageScript: string = String.raw`"use strict";
(() => {
  const block = JSON.parse(document.getElementById("data").textContent);
  const data = block.data;
  const samples = new Map(Object.entries(block.samples));
  const signs = { pass: "✓", fail: "✗", inconclusive: "?" };

  // --- building -----------------------------------------------------------------------------------------

  function el(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
      else if (name === "width" || name === "height") node.style[name] = value;
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    append(node, children);
    return node;
  }

  function append(node, children) {
    for (const child of children) {
      if (child === null || child === undefined || child === false) continue;
      if (Array.isArray(child)) append(node, child);
      else node.append(typeof child === "string" ? document.createTextNode(child) : child);
    }
  }

  const plural = (n, noun) => n + " " + noun + (n === 1 ? "" : "s");

  // --- header -------------------------------------------------------------------------------------------

  function verdict() {
    return el("header", { class: "verdict " + data.verdict },
      el("div", { class: "inner" },
        el("p", { class: "brand" }, el("span", { class: "moon", "aria-hidden": "true" }), "Penumbra report"),
        el("h1", null, el("span", { class: "sign", "aria-hidden": "true" }, signs[data.verdict]), el("span", null, data.word)),
        el("p", { class: "sentence" }, data.sentence),
        totals(),
        data.reasons.length > 0 && el("ul", { class: "reasons", "aria-label": "Reasons" },
          data.reasons.map((reason) => el("li", null, el("span", { class: "value" }, reason.text), " ", el("code", null, reason.code))))));
  }

  function totals() {
    const all = data.parts.reduce((sum, part) => sum + part.n, 0);
    const shown = data.parts.filter((part) => part.n > 0);
    return el("section", { class: "totals", "aria-label": "Totals" },
      el("div", { class: "bar", "aria-hidden": "true" },
        shown.map((part) => el("span", { class: "part " + part.key, width: (part.n / all) * 100 + "%" }))),
      el("ul", { class: "legend" },
        shown.map((part) => el("li", null, el("span", { class: "dot " + part.key, "aria-hidden": "true" }), el("b", null, part.text), " " + part.label))),
      el("p", { class: "sums" }, data.sums.map((sum) => el("span", null, sum))));
  }

  // --- findings -----------------------------------------------------------------------------------------

  const cards = [];
  const groups = new Map();

  function findings() {
    return el("section", { class: "findings", "aria-label": "Findings" }, data.groups.some((each) => each.findings.length > 0) && toolbar(), data.groups.map(group),
      el("p", { class: "empty", id: "nothing", hidden: true }, "No finding holds this text."));
  }

  function toolbar() {
    const search = el("input", { type: "search", id: "search", placeholder: "Filter findings", "aria-label": "Filter findings by text", autocomplete: "off", spellcheck: "false", on: { input: filter } });
    return el("div", { class: "toolbar", role: "search" }, search,
      data.groups.filter((each) => each.key !== "open" && each.findings.length > 0).map((each) =>
        el("button", { type: "button", class: "toggle", "aria-pressed": "false", id: "toggle-" + each.key, on: { click: () => toggleGroup(each.key) } },
          each.key === "noise" ? "Noise" : "Accepted and known", el("span", { class: "n" }, String(each.findings.length + each.leftOut)))),
      el("p", { class: "keys", "aria-hidden": "true" }, [["j", "k", "move"], ["Enter", "open"], ["Esc", "close"], ["/", "filter"]].map((keys) =>
        el("span", null, keys.slice(0, -1).map((key) => el("kbd", null, key)), " " + keys[keys.length - 1]))));
  }

  function group(each) {
    if (each.key === "open") {
      const title = each.findings.length === 0 ? "No findings" : plural(each.findings.length + each.leftOut, "finding");
      return el("div", { class: "group open" }, el("h2", null, title), list(each));
    }
    if (each.findings.length === 0) return null;
    const node = el("details", { class: "group quiet", id: "group-" + each.key, on: { toggle: () => syncToggle(each.key) } },
      el("summary", null, el("h2", null, each.title), el("span", { class: "n" }, String(each.findings.length + each.leftOut)), el("span", { class: "hint" }, each.sentence)),
      list(each));
    groups.set(each.key, node);
    return node;
  }

  function list(each) {
    const left = each.leftOut > 0 && el("p", { class: "left" }, plural(each.leftOut, "more finding") + " left out here; report.json has all");
    return [el("ol", { class: "cards" }, each.findings.map((finding) => card(finding, each.key))), left];
  }

  function card(finding, key) {
    const region = el("div", { class: "body", id: "body-" + finding.id, role: "region", "aria-label": finding.title, hidden: true });
    const button = el("button", { type: "button", class: "head", "aria-expanded": "false", "aria-controls": "body-" + finding.id, on: { click: () => toggle(entry) } },
      el("span", { class: "chip " + finding.severity }, finding.severity),
      el("span", { class: "what" },
        el("span", { class: "title value" }, finding.title),
        finding.example && el("span", { class: "example" }, el("span", { class: "from value" }, finding.example[0]), el("span", { class: "arrow" }, " → "), el("span", { class: "to value" }, finding.example[1])),
        el("span", { class: "facts" },
          finding.condition !== "" && el("span", { class: "condition value" }, finding.condition),
          el("span", null, finding.evidence), el("span", null, finding.class), el("span", { class: "state " + finding.state }, finding.state), el("span", { class: "id" }, finding.id))),
      el("span", { class: "reach" }, el("span", null, finding.reach), el("span", { class: "meter", "aria-hidden": "true" }, el("span", { width: Math.max(1, finding.share * 100) + "%" }))));
    const node = el("li", { class: "card " + finding.severity + " state-" + finding.state, id: "finding-" + finding.id }, button, region);
    const words = [finding.title, finding.id, finding.severity, finding.state, finding.class, finding.condition, finding.evidence].concat(finding.example || [], finding.facts.map((fact) => fact[1]), finding.signatures);
    const entry = { finding, key, node, button, region, built: false, text: words.join("\n").toLowerCase() };
    cards.push(entry);
    return node;
  }

  function toggle(entry, force) {
    const open = force === undefined ? entry.region.hidden : force;
    if (open && !entry.built) {
      append(entry.region, details(entry.finding));
      entry.built = true;
    }
    entry.region.hidden = !open;
    entry.button.setAttribute("aria-expanded", String(open));
    entry.node.classList.toggle("expanded", open);
    const hash = "#finding=" + entry.finding.id;
    if (open) history.replaceState(null, "", hash);
    else if (location.hash === hash) history.replaceState(null, "", location.pathname + location.search);
  }

  function details(finding) {
    return [
      el("dl", { class: "grid" }, finding.facts.map((fact) => [el("dt", null, fact[0]), el("dd", { class: "value" }, fact[1])])),
      finding.signatures.length > 1 && el("details", { class: "signatures" },
        el("summary", null, plural(finding.signatures.length + finding.moreSignatures, "signature") + " in this finding"),
        el("ul", null, finding.signatures.map((signature) => el("li", { class: "value" }, signature))),
        finding.moreSignatures > 0 && el("p", { class: "left" }, plural(finding.moreSignatures, "more signature") + " left out")),
      exemplars(finding),
    ];
  }

  function exemplars(finding) {
    const known = finding.exemplars.filter((id) => samples.has(id));
    if (known.length === 0) return el("p", { class: "left" }, "No exchange of this finding is kept in this page.");
    const panel = el("div", { class: "sample" });
    const buttons = known.map((id, index) => el("button", { type: "button", class: "tab", "aria-pressed": String(index === 0), on: { click: () => show(index) } }, "Exchange " + (index + 1)));
    function show(index) {
      buttons.forEach((button, each) => button.setAttribute("aria-pressed", String(each === index)));
      panel.replaceChildren();
      append(panel, sample(samples.get(known[index])));
    }
    show(0);
    const missing = finding.exemplars.length - known.length;
    return el("div", { class: "exemplars" },
      el("div", { class: "tabs" }, el("h3", null, "Exchanges that show it"), known.length > 1 && buttons,
        missing > 0 && el("span", { class: "left" }, plural(missing, "exchange") + " not in this page")),
      panel);
  }

  // --- one exchange -------------------------------------------------------------------------------------

  function sample(view) {
    return [
      el("div", { class: "request" }, el("code", { class: "value" }, view.line), copyButton("Copy as cURL", view.curl)),
      requestDetails(view),
      view.differences.length > 0 && el("ul", { class: "differences", "aria-label": "Differences of this exchange" },
        view.differences.map((difference) => el("li", null, el("span", { class: "place value" }, difference.place), " ",
          el("span", { class: "from value" }, difference.from), el("span", { class: "arrow" }, " → "), el("span", { class: "to value" }, difference.to))),
        view.moreDifferences > 0 && el("li", { class: "left" }, plural(view.moreDifferences, "more difference"))),
      view.hidden.length > 0 && el("ul", { class: "differences hidden-by-rules", "aria-label": "Differences of this exchange that rules hide" },
        view.hidden.map((difference) => el("li", null, el("span", { class: "place value" }, difference.place), " ",
          el("span", { class: "value" }, difference.from + " → " + difference.to), " ", el("span", { class: "value" }, "hidden: " + difference.rule)))),
      sides(view),
    ];
  }

  function requestDetails(view) {
    const body = view.requestBody;
    if (view.requestHeaders.length === 0 && body === null) return null;
    const label = "Request: " + plural(view.requestHeaders.length, "header") + (body === null ? "" : ", body " + body.note);
    return el("details", { class: "fields" }, el("summary", null, label),
      el("dl", { class: "grid mono" }, view.requestHeaders.map((header) => [el("dt", { class: "value" }, header[0]), el("dd", { class: "value" }, header[1])])),
      body !== null && el("div", { class: "lines one" }, rows(body.rows, [{ name: "request", answered: true }])));
  }

  function sides(view) {
    const columns = "lines n" + view.sides.length;
    return el("div", { class: "sides", role: "group", "aria-label": "What each target answered" },
      el("div", { class: columns + " heads" }, el("div", { class: "row" }, view.sides.map((side) =>
        el("div", { class: "cell " + side.name }, el("span", { class: "side" }, side.name),
          el("span", { class: "status value" + (side.differs ? " differs" : "") }, side.status), el("span", { class: "note value" }, side.bodyNote))))),
      headers(view, columns),
      view.body.length > 0 && el("div", { class: columns }, rows(view.body, view.sides)));
  }

  function headers(view, columns) {
    const all = view.headers.map((header) => header.slice(1).map((cell) => (typeof cell === "string" ? header[0] + ": " + cell : cell)));
    if (all.length === 0) return null;
    const same = all.filter((row) => isSame(row, view.sides));
    const differing = all.filter((row) => !isSame(row, view.sides));
    return el("div", { class: "fields" },
      differing.length > 0 && el("div", { class: columns }, differing.map((row) => cells(row, view.sides))),
      same.length > 0 && el("details", null, el("summary", null, plural(same.length, "equal header") + (differing.length > 0 ? "" : ", none differs")),
        el("div", { class: columns }, same.map((row) => cells(row, view.sides)))));
  }

  // The first side with an answer is what the others are compared with.
  const baseOf = (sides) => Math.max(0, sides.findIndex((side) => side.answered));
  const isSame = (row, sides) => row.every((cell, index) => index === baseOf(sides) || cell === 0);

  const context = 3;
  const leastFolded = 8;

  function rows(all, sides) {
    const out = [];
    let run = [];
    const flush = (atEnd) => {
      const head = out.length === 0 ? 0 : context;
      const tail = atEnd ? 0 : context;
      if (run.length - head - tail < leastFolded || sides.length === 1 && run.length < 60) out.push(...run.map((row) => cells(row, sides)));
      else {
        const middle = run.slice(head, run.length - tail);
        out.push(...run.slice(0, head).map((row) => cells(row, sides)), fold(middle, sides), ...run.slice(run.length - tail).map((row) => cells(row, sides)));
      }
      run = [];
    };
    for (const row of all) {
      if (typeof row === "number") {
        flush(false);
        out.push(el("div", { class: "gap" }, plural(row, "equal line") + " left out"));
      } else if (isSame(row, sides)) run.push(row);
      else {
        flush(false);
        out.push(cells(row, sides));
      }
    }
    flush(true);
    return out;
  }

  function fold(folded, sides) {
    const button = el("button", { type: "button", class: "gap", on: { click: () => button.replaceWith(...folded.map((row) => cells(row, sides))) } }, "Show " + plural(folded.length, "equal line"));
    return button;
  }

  // Where the candidate differs, it and the base are coloured; where only the control does, that is noise and stays grey.
  function cells(row, sides) {
    const baseIndex = baseOf(sides);
    const base = row[baseIndex];
    const rival = sides.findIndex((side, index) => side.name === "candidate" && index !== baseIndex);
    const candidate = rival === -1 ? 0 : row[rival];
    const same = isSame(row, sides);
    return el("div", { class: same ? "row same" : "row" }, row.map((cell, index) => {
      const parts = ["cell"];
      const empty = cell === null || !sides[index].answered;
      if (empty) parts.push("none");
      else if (index === baseIndex) parts.push(candidate === 0 ? "equal first" : "base");
      else if (cell !== 0) parts.push(index === rival ? "changed" : "noisy");
      else parts.push("equal");
      const node = el("div", { class: parts.join(" "), "data-side": sides[index].name });
      if (!empty) append(node, cell === 0 ? [base] : marked(cell, index === baseIndex ? candidate : base));
      return node;
    }));
  }

  // The part of a line that differs from the other one, between what both begin and end with.
  function marked(text, against) {
    if (typeof against !== "string" || text === against) return [text];
    let start = 0;
    while (start < text.length && start < against.length && text[start] === against[start]) start++;
    let end = 0;
    while (end < text.length - start && end < against.length - start && text[text.length - 1 - end] === against[against.length - 1 - end]) end++;
    const middle = text.slice(start, text.length - end);
    return [text.slice(0, start), middle !== "" && el("mark", null, middle), text.slice(text.length - end)];
  }

  function copyButton(label, text) {
    const button = el("button", { type: "button", class: "copy", on: { click: () => copy(text).then(() => said("Copied"), () => said("Could not copy")) } }, label);
    function said(word) {
      button.textContent = word;
      setTimeout(() => { button.textContent = label; }, 1500);
    }
    return button;
  }

  function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("refused"));
  }

  // --- the rest of the run ------------------------------------------------------------------------------

  function coverage() {
    return el("section", { class: "panel", "aria-label": "Coverage and blind spots" }, el("h2", null, "What this run can and cannot say"),
      data.coverage.length > 0 && el("ul", { class: "legend" }, data.coverage.map((part) => el("li", null, el("span", { class: "dot " + part.key, "aria-hidden": "true" }), el("b", null, part.text), " " + part.label))),
      data.coverage.length > 0 && el("div", { class: "bar thin", "aria-hidden": "true" }, data.coverage.filter((part) => part.share > 0).map((part) => el("span", { class: "part " + part.key, width: part.share * 100 + "%" }))),
      data.blindSpots.length > 0 && [el("h3", null, "Blind spots"), el("ul", { class: "plain" }, data.blindSpots.map((spot) => el("li", { class: "value" }, spot)))],
      data.remarks.length > 0 && [el("h3", null, "Accepted changes"), el("ul", { class: "plain" }, data.remarks.map((remark) => el("li", { class: "value" }, remark)))]);
  }

  // Grey, since it was decided that these differences do not count.
  function rules() {
    if (data.rules.length === 0) return null;
    return el("section", { class: "panel rules", "aria-label": "Rules" }, el("h2", null, "Rules"), data.rulesSentence !== "" && el("p", { class: "hint" }, data.rulesSentence),
      el("ul", { class: "plain" }, data.rules.map((rule) => el("li", null,
        el("code", { class: "value" }, rule.text), " ", el("span", null, rule.did), rule.reason !== "" && el("span", { class: "value reason" }, " (" + rule.reason + ")"),
        rule.places.length > 0 && el("ul", { class: "signatures" }, rule.places.map((place) => el("li", { class: "value" }, place)))))));
  }

  function endpoints() {
    if (data.endpoints.length === 0) return null;
    const timed = data.endpoints.some((endpoint) => endpoint.before !== "" || endpoint.after !== "");
    const head = ["Endpoint", "Compared", "Different"].concat(timed ? ["Before: p50 / p95 / p99", "Candidate"] : [], ["Unseen at most"]);
    return el("section", { class: "panel", "aria-label": "Endpoints" }, el("h2", null, "Endpoints"), data.quiet !== "" && el("p", { class: "hint" }, data.quiet),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Endpoint table" },
        el("table", null,
          el("thead", null, el("tr", null, head.map((name, index) => el("th", { scope: "col", class: index > 0 && "number" }, name)))),
          el("tbody", null, data.endpoints.map((endpoint) => el("tr", { class: endpoint.differs && "differs" },
            el("th", { scope: "row", class: "value" }, endpoint.endpoint),
            [endpoint.compared, endpoint.different].concat(timed ? [endpoint.before, endpoint.after] : [], [endpoint.bound]).map((text) => el("td", { class: "number" }, text))))))),
      data.endpointsLeftOut > 0 && el("p", { class: "left" }, plural(data.endpointsLeftOut, "more endpoint") + " left out here; report.json has all"));
  }

  // How a replay went. The columns are said in words as well.
  function replay() {
    const view = data.replay;
    if (view === null) return null;
    return el("section", { class: "panel", "aria-label": "Replay" }, el("h2", null, "Replay"), view.curve !== null && curve(view.curve),
      view.times.length > 0 && times(view));
  }

  function curve(view) {
    const key = (name, label) => el("li", null, el("span", { class: "dot " + name, "aria-hidden": "true" }), label);
    const bar = (name, share) => share > 0 && el("span", { class: name, height: share * 100 + "%" });
    return el("figure", { class: "curve" },
      el("h3", null, "Requests at the same time"), el("p", { class: "hint" }, view.sentence),
      el("div", { class: "columns", "aria-hidden": "true" },
        view.recorded.map((share, step) => el("span", { class: "step" }, bar("recorded", share), bar("achieved", view.achieved[step])))),
      el("ul", { class: "legend" }, key("recorded", "recorded in production"), key("achieved", "achieved in the replay")),
      el("figcaption", { class: "hint" }, view.caption));
  }

  function times(view) {
    const head = ["Answers: p50 / p95 / p99 / max", "Since the request was sent"].concat(view.hasResponse ? ["Since it was due"] : []);
    return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answer times" },
      el("table", null,
        el("thead", null, el("tr", null, head.map((name, index) => el("th", { scope: "col", class: index > 0 && "number" }, name)))),
        el("tbody", null, view.times.map((row) => el("tr", null, el("th", { scope: "row" }, row.target),
          [row.service].concat(view.hasResponse ? [row.response] : []).map((text) => el("td", { class: "number" }, text)))))));
  }

  function facts() {
    return el("section", { class: "panel", "aria-label": "Run" }, el("h2", null, "Run"),
      el("dl", { class: "grid" }, data.facts.map((fact) => [el("dt", null, fact[0]), el("dd", { class: "value" }, fact[1])])),
      block.samplesLeftOut > 0 && el("p", { class: "left" }, plural(block.samplesLeftOut, "sample") + " left out to keep this page small"));
  }

  // --- search, toggles, keys, links ---------------------------------------------------------------------

  function filter() {
    const words = document.getElementById("search").value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    let left = 0;
    for (const entry of cards) {
      const hit = words.every((word) => entry.text.includes(word));
      entry.node.hidden = !hit;
      if (hit) left++;
      if (hit && words.length > 0 && groups.has(entry.key)) groups.get(entry.key).open = true;
    }
    document.getElementById("nothing").hidden = left > 0 || cards.length === 0;
  }

  function toggleGroup(key) {
    const node = groups.get(key);
    node.open = !node.open;
    syncToggle(key);
  }

  function syncToggle(key) {
    document.getElementById("toggle-" + key).setAttribute("aria-pressed", String(groups.get(key).open));
  }

  const reachable = (entry) => !entry.node.hidden && (!groups.has(entry.key) || groups.get(entry.key).open);
  const current = () => cards.findIndex((entry) => entry.node.contains(document.activeElement));

  function move(step) {
    const visible = cards.filter(reachable);
    if (visible.length === 0) return;
    const from = visible.indexOf(cards[current()]);
    const to = from === -1 ? (step > 0 ? 0 : visible.length - 1) : Math.min(visible.length - 1, Math.max(0, from + step));
    visible[to].button.focus();
    visible[to].node.scrollIntoView({ block: "nearest" });
  }

  function escape(inSearch) {
    const search = document.getElementById("search");
    if (inSearch) {
      search.value = "";
      filter();
      search.blur();
      return;
    }
    const entry = cards[current()] || cards.find((each) => !each.region.hidden);
    if (!entry || entry.region.hidden) return;
    toggle(entry, false);
    entry.button.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inSearch = event.target.id === "search";
    if (event.key === "Escape") escape(inSearch);
    else if (inSearch) return;
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "/" && document.getElementById("search")) {
      event.preventDefault();
      document.getElementById("search").focus();
    }
  });

  function follow() {
    const match = /^#finding=([0-9a-f]+)$/.exec(location.hash);
    const entry = match && cards.find((each) => each.finding.id === match[1]);
    if (!entry) return;
    if (groups.has(entry.key)) groups.get(entry.key).open = true;
    entry.node.hidden = false;
    toggle(entry, true);
    entry.node.scrollIntoView({ block: "start" });
    entry.button.focus({ preventScroll: true });
  }

  append(document.getElementById("page"), [
    el("a", { class: "skip", href: "#findings" }, "Skip to findings"),
    verdict(),
    el("main", { id: "findings", tabindex: "-1" }, findings(), rules(), coverage(), endpoints(), replay(), facts()),
  ]);
  window.addEventListener("hashchange", follow);
  follow();
})();
`;
