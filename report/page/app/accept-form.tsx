/** To accept a finding: through the sidecar that the page watches, or with a command line to copy. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { CopyButton } from "./copy.tsx";
import { notice } from "./notices.tsx";
import type { Source } from "./source.ts";
import { accepting, type Finding, wanted } from "./state.ts";

export interface AcceptFormProps {
  readonly finding: Finding;
  readonly accept: string;
  readonly ignore: string;
  readonly source: Source;
}

export function AcceptForm({ finding, accept, ignore, source }: AcceptFormProps) {
  const form = useRef<HTMLDivElement>(null);
  // Whoever asked for it wants to use it, and may have asked from far above.
  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>("input, button");
    first?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: "center" });
  }, []);
  return (
    <div class="accept" ref={form}>
      {source.accept !== null && <Live finding={finding} send={source.accept} />}
      <Command what="Accept this change, and hear of the next one at the same place:" line={accept} />
      {ignore !== "" && <Command what="Ignore whatever differs at this place from now on:" line={ignore} />}
    </div>
  );
}

function Command({ what, line }: { readonly what: string; readonly line: string }) {
  return (
    <div>
      <p class="hint">{what}</p>
      <div class="request">
        <code class="value">{line}</code>
        <CopyButton label="Copy command" text={line} />
      </div>
    </div>
  );
}

/** As the sidecar takes it. */
const longestOwner = 200;

function Live({ finding, send }: { readonly finding: Finding; readonly send: NonNullable<Source["accept"]> }) {
  const reason = useSignal("");
  const owner = useSignal("");
  const expires = useSignal("");
  const said = useSignal("");
  const submit = async (): Promise<void> => {
    try {
      const acceptance = await send([finding.id], {
        reason: reason.value,
        owner: owner.value,
        expires: expires.value === "" ? null : expires.value,
      });
      if (acceptance.kind === "refused") said.value = acceptance.why;
      else finish(finding, acceptance.file);
    } catch {
      said.value = "The sidecar did not answer.";
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label>
        Reason{" "}
        <input
          required
          value={reason.value}
          onInput={(event) => {
            reason.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        Owner{" "}
        <input
          maxLength={longestOwner}
          value={owner.value}
          onInput={(event) => {
            owner.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        Expires{" "}
        <input
          type="date"
          value={expires.value}
          onInput={(event) => {
            expires.value = event.currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="tab">
        Accept
      </button>
      <p role="status">{said.value}</p>
    </form>
  );
}

/** The card moves to what is settled as soon as the run was judged anew; what was done is said where it stays. */
function finish({ id, title }: Finding, file: string): void {
  notice.value = `Accepted in ${file}: ${title}. Commit that file with your change.`;
  accepting.value = null;
  wanted.value = id;
}
