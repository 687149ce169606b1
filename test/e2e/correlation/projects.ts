/** Projects (UUIDs, random ETags), their tasks (numbers, ETags with them), lists page by page, reports on a selection. */

import { at, type Call, html, json, Refusal, sealed, unsealed } from "./call.ts";
import { bearerOf } from "./entrance.ts";
import type { Project, Routes, State } from "./state.ts";

const pageSize = 2;

export const projectRoutes: Routes = {
  "POST /projects": (call, state) => {
    const { person } = bearerOf(call, state);
    const wanted = call.json();
    if (at(wanted, "owner", "person", "id") !== person) throw new Refusal(409, "somebody else's");
    const id = state.ids.uuid();
    const project: Project = { id, owner: person, name: at(wanted, "name"), etag: `"${state.ids.short()}"`, tasks: new Map() };
    state.projects.set(id, project);
    if (state.build === "loses-ids") return json(201, { name: project.name });
    return json(201, { id, name: project.name, links: { self: `/projects/${id}` } }, { location: `/projects/${id}`, etag: project.etag });
  },

  "GET /projects/:project": (call, state) => {
    const project = projectOf(call, state, call.path[1]);
    if (call.header("if-none-match") === project.etag) return { status: 304, headers: { etag: project.etag } };
    return json(200, shown(project), { etag: project.etag });
  },

  "PUT /projects/:project": (call, state) => {
    const project = projectOf(call, state, call.path[1]);
    if (state.build === "cannot-update") throw new Refusal(404, "no such project");
    mustMatch(call, project.etag);
    project.name = at(call.json(), "name");
    project.etag = `"${state.ids.short()}"`;
    return json(200, shown(project), { etag: project.etag });
  },

  "DELETE /projects/:project": (call, state) => {
    const project = projectOf(call, state, call.path[1]);
    mustMatch(call, project.etag);
    state.projects.delete(project.id);
    return { status: 204 };
  },

  "POST /projects/:project/tasks": (call, state) => {
    const project = projectOf(call, state, call.path[1]);
    const wanted = call.json();
    if (at(wanted, "project", "id") !== project.id) throw new Refusal(409, "another project's");
    const id = state.ids.next("task");
    const task = { id, title: at(wanted, "title"), etag: `"${id}-1"` };
    project.tasks.set(`${id}`, task);
    return json(201, { id, title: task.title }, { etag: task.etag, location: `/projects/${project.id}/tasks/${id}` });
  },

  "DELETE /projects/:project/tasks/:task": (call, state) => {
    const project = projectOf(call, state, call.path[1]);
    const task = project.tasks.get(call.path[3] ?? "");
    if (task === undefined) throw new Refusal(404, "no such task");
    mustMatch(call, task.etag);
    project.tasks.delete(`${task.id}`);
    return { status: 204 };
  },

  "GET /tasks": (call, state) => {
    const cursor = call.query.get("cursor");
    const from = cursor === null ? null : unsealed(cursor);
    const project = projectOf(call, state, from === null ? call.query.get("project") : at(from, "project"));
    const tasks = [...project.tasks.values()];
    const after = from === null ? "" : at(from, "after");
    if (after !== "" && !project.tasks.has(after)) throw new Refusal(404, "no such page");
    const rest = tasks.slice(after === "" ? 0 : tasks.findIndex(({ id }) => `${id}` === after) + 1);
    const items = rest.slice(0, pageSize);
    const next = rest.length > pageSize ? sealed({ after: items.at(-1)?.id, project: project.id }) : null;
    return json(200, { items: items.map(({ id, title }) => ({ id, title })), next });
  },

  "POST /reports": (call, state) => {
    const selection = unsealed(at(call.json(), "selection"));
    const project = projectOf(call, state, at(selection, "project"));
    const tasks = [0, 1].map((index) => project.tasks.get(at(selection, "taskIds", index)));
    if (tasks.includes(undefined)) throw new Refusal(404, "no such task");
    return html(201, `<ul>${tasks.map((task) => `<li>${task?.title}</li>`).join("")}</ul>`);
  },
};

/** The project of that id, which must belong to who asks. */
export function projectOf(call: Call, state: State, id: string | null | undefined): Project {
  const { person } = bearerOf(call, state);
  const project = state.projects.get(id ?? "");
  if (project === undefined) throw new Refusal(404, "no such project");
  if (project.owner !== person) throw new Refusal(403, "somebody else's");
  return project;
}

function mustMatch(call: Call, etag: string): void {
  if (call.header("if-match") !== etag) throw new Refusal(412, "changed meanwhile");
}

function shown({ id, name, tasks }: Project): unknown {
  return { id, name, tasks: tasks.size };
}
