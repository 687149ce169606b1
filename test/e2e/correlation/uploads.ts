/** Uploads in three steps: a place (named by a header of the answer), the content, the commit (a multipart form with the token).
 * Files have names that need escapes wherever they stand. */

import { at, hashOf, json, Refusal } from "./call.ts";
import { projectOf } from "./projects.ts";
import type { Routes, State } from "./state.ts";

interface Upload {
  readonly project: string;
  readonly token: string;
  ready: boolean;
}

interface Shelf {
  readonly uploads: Map<string, Upload>;
  readonly files: Map<string, string>;
}

const shelves = new WeakMap<State, Shelf>();

export const uploadRoutes: Routes = {
  "POST /uploads": (call, state) => {
    const project = projectOf(call, state, at(call.json(), "project"));
    const [id, token] = [state.ids.short(), state.ids.token()];
    shelfOf(state).uploads.set(id, { project: project.id, token, ready: false });
    return json(201, { upload: { uploadToken: token } }, { "x-upload-id": id });
  },

  "PUT /uploads/content": (call, state) => {
    const upload = shelfOf(state).uploads.get(call.header("x-upload-id"));
    if (upload === undefined) throw new Refusal(404, "no such upload");
    projectOf(call, state, upload.project);
    upload.ready = true;
    return { status: 204 };
  },

  "POST /uploads/commit": async (call, state) => {
    const form = await call.form();
    const project = projectOf(call, state, form.get("project"));
    const { uploads, files } = shelfOf(state);
    const found = [...uploads.values()].find(({ token }) => token === form.get("upload_token"));
    if (found === undefined || found.project !== project.id) throw new Refusal(403, "not your upload");
    if (!found.ready) throw new Refusal(409, "nothing uploaded");
    const file = form.get("file");
    if (file === undefined) throw new Refusal(400, "no file");
    const id = state.ids.fileId();
    files.set(id, hashOf(file));
    return json(201, { file: { id } });
  },

  "GET /files/:file": (call, state) => {
    const hash = shelfOf(state).files.get(call.path[1] ?? "");
    if (hash === undefined || call.query.get("again") !== call.path[1]) throw new Refusal(404, "no such file");
    return json(200, { hash });
  },

  "DELETE /files/:file": (call, state) => {
    if (!shelfOf(state).files.delete(call.path[1] ?? "")) throw new Refusal(404, "no such file");
    return { status: 204 };
  },
};

function shelfOf(state: State): Shelf {
  const shelf = shelves.get(state) ?? { uploads: new Map(), files: new Map() };
  shelves.set(state, shelf);
  return shelf;
}
