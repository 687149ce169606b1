/** Notes, as a site without scripts has them: forms, redirects, pages with links, a key in a link that comes back in a header. */

import { type Call, escaped, html, Refusal, redirect } from "./call.ts";
import { projectOf } from "./projects.ts";
import type { Routes, State } from "./state.ts";

interface Note {
  readonly project: string;
  readonly key: string;
  readonly removal: string;
  text: string;
}

const notesOf = new WeakMap<State, Map<string, Note>>();

export const noteRoutes: Routes = {
  "POST /notes": async (call, state) => {
    const form = await call.form();
    const project = projectOf(call, state, form.get("project"));
    if (!project.tasks.has(form.get("task_id") ?? "")) throw new Refusal(404, "no such task");
    const id = state.ids.short();
    const note = { project: project.id, key: state.ids.token(), removal: state.ids.token(), text: form.get("text") ?? "" };
    notesOf.set(state, (notesOf.get(state) ?? new Map<string, Note>()).set(id, note));
    return redirect(`/notes/${id}?shown=new`);
  },

  "GET /notes/:note": (call, state) => {
    const { note, id } = noteOf(call, state);
    const edit = `/notes/${id}/edit?project=${note.project}&key=${note.key}`;
    return html(
      200,
      `<p>${escaped(note.text)}</p><a class="edit" href="${escaped(edit)}">Edit &amp; more</a>
       <form method="post" action="/notes/${id}/removal"><input type="hidden" name="removal_token" value="${note.removal}"></form>`,
    );
  },

  "GET /notes/:note/edit": (call, state) => {
    const { note } = noteOf(call, state);
    if (call.query.get("key") !== note.key || call.query.get("project") !== note.project) throw new Refusal(403, "not with this key");
    return html(200, `<textarea name="text">${escaped(note.text)}</textarea>`);
  },

  "PUT /notes/:note": async (call, state) => {
    const { note } = noteOf(call, state);
    if (call.header("x-note-token") !== note.key) throw new Refusal(403, "not with this key");
    note.text = (await call.form()).get("text") ?? "";
    return { status: 204 };
  },

  "POST /notes/:note/removal": async (call, state) => {
    const { note, id } = noteOf(call, state);
    if ((await call.form()).get("removal_token") !== note.removal) throw new Refusal(403, "forged form");
    notesOf.get(state)?.delete(id);
    return redirect(`/projects/${note.project}`);
  },
};

function noteOf(call: Call, state: State): { readonly id: string; readonly note: Note } {
  const id = call.path[1] ?? "";
  const note = notesOf.get(state)?.get(id);
  if (note === undefined) throw new Refusal(404, "no such note");
  projectOf(call, state, note.project);
  return { id, note };
}
