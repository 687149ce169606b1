/** A user of the studio with a browser and a script: keeps cookies, follows redirects, reads pages with an HTML parser, sends
 * back whatever it was given. Knows no id that the service has not named. */

import { parse, type DefaultTreeAdapterTypes as Tree } from "parse5";
import { at, sealed } from "./call.ts";

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: FormData | string;
}

/** Logs in, creates, reads, updates and deletes one of everything, logs out.
 * @param pause before each request
 * @throws Error when the service refuses what it should not */
export async function visit(url: string, user: string, pause: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  const visitor = new Visitor(url, pause);
  const { person, basket } = await visitor.logIn(user);
  await visitor.useBasket(basket);
  await visitor.work(person, user);
  await visitor.expect(303, "POST", "/logout");
}

class Visitor {
  readonly #url: string;
  readonly #pause: () => Promise<void>;
  readonly #cookies = new Map<string, string>();
  #bearer: Readonly<Record<string, string>> = {};

  constructor(url: string, pause: () => Promise<void>) {
    this.#url = url;
    this.#pause = pause;
  }

  async logIn(user: string): Promise<{ readonly person: string; readonly basket: string }> {
    const form = await this.expect(200, "GET", "/login");
    const csrf = attributeOf(form.text, "input", "value", ["name", "csrf_token"]);
    const welcome = await this.follow(await this.expect(303, "POST", "/login", { form: { csrf_token: csrf, user } }));
    const page = attributeOf(welcome.text, "a", "href");
    await this.expect(200, "GET", page);
    const person = at(JSON.parse(attributeOf(welcome.text, "main", "data-owner")), "person", "id");
    const token = await this.expect(200, "POST", "/api/token", {
      headers: { "x-csrf-token": attributeOf(welcome.text, "meta", "content") },
      json: { grant: "session", owner: { person: { id: person } } },
    });
    const jwt = at(token.json, "access_token");
    this.#bearer = { authorization: `Bearer ${jwt}` };
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    await this.expect(200, "GET", `/desks/${at(claims, "desk")}`);
    return { person, basket: attributeOf(welcome.text, "main", "data-basket-id") };
  }

  async useBasket(basket: string): Promise<void> {
    const filled = await this.expect(201, "POST", `/baskets/${basket}/lines`, { json: { sku: "paper" } });
    await this.expect(201, "POST", `/baskets/${basket}/lines`, { json: { sku: "ink" } });
    await this.expect(200, "DELETE", `/baskets/${basket}/lines/${at(filled.json, "lines", 0, "id")}`);
  }

  async work(person: string, user: string): Promise<void> {
    const created = await this.expect(201, "POST", "/projects", { json: { name: `of ${user}`, owner: { person: { id: person } } } });
    const project = at(created.json, "id");
    const self = created.headers.get("location") ?? "";
    await this.expect(304, "GET", self, { headers: { "if-none-match": etagOf(created) } });
    const changed = await this.expect(200, "PUT", self, {
      headers: { "if-match": etagOf(created) },
      json: { name: `still of ${user}` },
    });
    const tasks = await this.plan(project, self);
    await this.note(project, tasks[0]?.id ?? "");
    await this.upload(project);
    for (const task of tasks) await this.expect(204, "DELETE", task.self, { headers: { "if-match": task.etag } });
    await this.expect(200, "GET", self);
    await this.expect(204, "DELETE", self, { headers: { "if-match": etagOf(changed) } });
    await this.expect(404, "GET", self);
  }

  /** Three tasks, their list in two pages, a report on a selection that the client writes into base64 itself. */
  async plan(project: string, self: string): Promise<{ readonly id: string; readonly self: string; readonly etag: string }[]> {
    const tasks = [];
    for (const title of ["sketch", "draw", "print"]) {
      const task = await this.expect(201, "POST", `${self}/tasks`, { json: { title, project: { id: project } } });
      tasks.push({ id: at(task.json, "id"), self: task.headers.get("location") ?? "", etag: etagOf(task) });
    }
    const first = await this.expect(200, "GET", `/tasks?project=${project}&limit=2`);
    await this.expect(200, "GET", `/tasks?cursor=${at(first.json, "next")}`);
    const [one, , three] = tasks;
    const selection = sealed({ project, taskIds: [Number(one?.id), Number(three?.id)] });
    await this.expect(201, "POST", "/reports", { json: { selection } });
    return tasks;
  }

  async note(project: string, task: string): Promise<void> {
    const note = await this.follow(await this.expect(303, "POST", "/notes", { form: { project, task_id: task, text: "Ink & paper" } }));
    const edit = attributeOf(note.text, "a", "href");
    await this.expect(200, "GET", edit);
    const { pathname, searchParams } = new URL(edit, this.#url);
    const changed = { headers: { "x-note-token": searchParams.get("key") ?? "" }, form: { text: "Ink, paper & glue" } };
    await this.expect(204, "PUT", pathname.replace(/\/edit$/, ""), changed);
    const removal = attributeOf(note.text, "form", "action");
    const token = attributeOf(note.text, "input", "value", ["name", "removal_token"]);
    await this.follow(await this.expect(303, "POST", removal, { form: { removal_token: token } }));
  }

  async upload(project: string): Promise<void> {
    const place = await this.expect(201, "POST", "/uploads", { json: { project } });
    await this.expect(204, "PUT", "/uploads/content", {
      headers: { "x-upload-id": place.headers.get("x-upload-id") ?? "", "content-type": "application/octet-stream" },
      body: "\u0001\u0002 pixels",
    });
    const body = new FormData();
    body.set("upload_token", at(place.json, "upload", "uploadToken"));
    body.set("project", project);
    body.set("file", new File(["pixels --x\r\n"], "a picture.png", { type: "image/png" }));
    const committed = await this.expect(201, "POST", "/uploads/commit", { body });
    const file = encodeURIComponent(at(committed.json, "file", "id"));
    await this.expect(200, "GET", `/files/${file}?again=${file}`);
    await this.expect(204, "DELETE", `/files/${file}`);
  }

  follow(page: Page): Promise<Page> {
    return this.expect(200, "GET", page.headers.get("location") ?? "");
  }

  async expect(status: number, method: string, path: string, { headers, json, form, body }: Asking = {}): Promise<Page> {
    await this.#pause();
    const response = await fetch(new URL(path, this.#url), {
      method,
      redirect: "manual",
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...this.#bearer,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: json === undefined ? (form === undefined ? (body ?? null) : new URLSearchParams(form)) : JSON.stringify(json),
    });
    const text = await response.text();
    if (response.status !== status) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const isJson = response.headers.get("content-type") === "application/json";
    return { status, headers: response.headers, text, json: isJson ? (JSON.parse(text) as unknown) : null };
  }
}

function etagOf(page: Page): string {
  return page.headers.get("etag") ?? "";
}

/** An attribute of the first element of that tag (and with that other attribute); unescaped. */
function attributeOf(text: string, tag: string, name: string, having?: readonly [name: string, value: string]): string {
  const element = elementsOf(parse(text)).find(
    ({ tagName, attrs }) =>
      tagName === tag && (having === undefined || attrs.some((attribute) => attribute.name === having[0] && attribute.value === having[1])),
  );
  return element?.attrs.find((attribute) => attribute.name === name)?.value ?? "";
}

function elementsOf(node: Tree.ParentNode): Tree.Element[] {
  return node.childNodes.flatMap((child) => ("tagName" in child ? [child, ...elementsOf(child)] : []));
}
