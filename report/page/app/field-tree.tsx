/** Where differences are, endpoint by endpoint and field by field, with the noise of each beside it. A field is a search. */

import { useSignal } from "@preact/signals";
import type { FieldNode } from "../field-tree.ts";
import { data } from "./source.ts";
import { search } from "./state.ts";

/** More open fields would bury what comes below. */
const mostOpen = 60;
/** Endpoints drawn at first. */
const shownAtFirst = 60;

export function FieldTree() {
  const isAll = useSignal(false);
  const fields = data.value?.fields ?? [];
  if (fields.length === 0) return null;
  const isShort = leavesOf(fields) <= mostOpen;
  const shown = isAll.value ? fields : fields.slice(0, shownAtFirst);
  return (
    <section class="panel" aria-label="Fields">
      <h2>Fields</h2>
      <p class="hint">Where differences are, how often, and in grey how often the control differs there by itself.</p>
      <ul class="tree">
        {shown.map((node) => (
          <Node key={node.label} node={node} isOpen={isShort && node.severity !== null} />
        ))}
      </ul>
      {shown.length < fields.length && (
        <button
          type="button"
          class="tab"
          onClick={() => {
            isAll.value = true;
          }}
        >
          Show {(fields.length - shown.length).toLocaleString("en-US")} more
        </button>
      )}
    </section>
  );
}

function leavesOf(nodes: readonly FieldNode[]): number {
  return nodes.reduce((sum, { children }) => sum + Math.max(1, leavesOf(children)), 0);
}

function Node({ node, isOpen }: { readonly node: FieldNode; readonly isOpen: boolean }) {
  if (node.children.length === 0) {
    return (
      <li>
        <Line node={node} />
      </li>
    );
  }
  return (
    <li>
      <details open={isOpen}>
        <summary>
          <Line node={node} isPlain />
        </summary>
        <ul>
          {node.query !== "" && (
            <li>
              <Line node={{ ...node, label: "this field itself" }} />
            </li>
          )}
          {node.children.map((child) => (
            <Node key={child.label} node={child} isOpen={child.severity !== null} />
          ))}
        </ul>
      </details>
    </li>
  );
}

/** @param isPlain inside a summary, which is a control itself and may hold no other */
function Line({ node, isPlain = false }: { readonly node: FieldNode; readonly isPlain?: boolean }) {
  const isField = node.query !== "" && !isPlain;
  return (
    <span class="field">
      {isField ? (
        <button
          type="button"
          class="link value"
          onClick={(event) => {
            event.preventDefault();
            search(node.query);
            document.getElementById("findings")?.scrollIntoView();
          }}
        >
          {node.label}
        </button>
      ) : (
        <span class="value">{node.label}</span>
      )}
      {node.severity !== null && <span class={`chip ${node.severity}`}>{node.severity}</span>}
      {isField && (
        <span class="rates">
          <span>{node.rate}</span>
          <span class="meter" aria-hidden="true">
            <span class="noise" style={{ width: `${node.noiseShare * 100}%` }} />
            <span class="rate" style={{ width: `${node.share * 100}%` }} />
          </span>
          <span class="noise-rate">{node.noise === "" ? "" : `noise ${node.noise}`}</span>
        </span>
      )}
    </span>
  );
}
