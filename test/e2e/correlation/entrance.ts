/** Login, the first page, the JWT, the desk that only the JWT names, the basket with its numbered lines, logout. */

import { at, type Call, escaped, html, json, Refusal, redirect } from "./call.ts";
import type { Routes, Session, State } from "./state.ts";

const lines = new WeakMap<Session, Map<number, string>>();

export const entranceRoutes: Routes = {
  "GET /login": (_call, { ids, visits }) => {
    const [visit, csrf] = [ids.token(), ids.token()];
    visits.set(visit, csrf);
    const form = `<form method="post" action="/login"><input type=hidden name=csrf_token value="${csrf}"><input name="user"></form>`;
    return html(200, form, { "set-cookie": `visit=${visit}; Path=/; HttpOnly` });
  },

  "POST /login": async (call, { ids, visits, sessions }) => {
    const form = await call.form();
    const visit = call.cookies.get("visit") ?? "";
    if (visits.get(visit) !== form.get("csrf_token")) throw new Refusal(403, "forged form");
    visits.delete(visit);
    const sid = ids.token();
    const ticket = ids.short();
    sessions.set(sid, {
      user: form.get("user") ?? "",
      ...{ person: ids.uuid(), desk: ids.uuid(), basket: ids.next("basket"), formToken: ids.token(), ticket },
    });
    return redirect(`/welcome?ticket=${ticket}`, { "set-cookie": `sid=${sid}; Path=/; HttpOnly` });
  },

  "GET /welcome": (call, state) => {
    const session = sessionOf(call, state);
    if (call.query.get("ticket") !== session.ticket) throw new Refusal(403, "not your ticket");
    session.ticket = null;
    const { person, formToken, user, basket } = session;
    return html(
      200,
      `<meta name="csrf-token" content="${formToken}"><h1>Hello ${escaped(user)}</h1>
       <main data-basket-id="${basket}" data-owner="${escaped(JSON.stringify({ person: { id: person } }))}">
       <a href="/people/${person}?tab=work&amp;from=welcome">Your page</a></main>`,
    );
  },

  "GET /people/:person": (call, state) => {
    const { person, user } = sessionOf(call, state);
    if (call.path[1] !== person) throw new Refusal(404, "nobody");
    return json(200, { name: user, tab: call.query.get("tab") });
  },

  "POST /api/token": (call, state) => {
    const { person, desk, user, formToken } = sessionOf(call, state);
    if (call.header("x-csrf-token") !== formToken) throw new Refusal(403, "forged request");
    if (at(call.json(), "owner", "person", "id") !== person) throw new Refusal(409, "somebody else");
    const sid = call.cookies.get("sid");
    return json(200, { access_token: state.ids.signed({ sub: person, name: user, desk, session: sid }), token_type: "Bearer" });
  },

  "GET /desks/:desk": (call, state) => {
    const { desk, user } = bearerOf(call, state);
    if (call.path[1] !== desk) throw new Refusal(404, "no such desk");
    return json(200, { desk: { user, lamp: true } });
  },

  "POST /baskets/:basket/lines": (call, state) => {
    const session = basketOf(call, state);
    const own = lines.get(session) ?? new Map<number, string>();
    lines.set(session, own.set(state.ids.next("line"), at(call.json(), "sku")));
    return json(201, basketJson(session));
  },

  "DELETE /baskets/:basket/lines/:line": (call, state) => {
    const session = basketOf(call, state);
    if (lines.get(session)?.delete(Number(call.path[3])) !== true) throw new Refusal(404, "no such line");
    return json(200, basketJson(session));
  },

  "POST /logout": (call, { sessions }) => {
    if (!sessions.delete(call.cookies.get("sid") ?? "")) throw new Refusal(401, "not logged in");
    return redirect("/login");
  },
};

function sessionOf(call: Call, { sessions }: State): Session {
  const session = sessions.get(call.cookies.get("sid") ?? "");
  if (session === undefined) throw new Refusal(401, "not logged in");
  return session;
}

/** Whose JWT comes with the request. */
export function bearerOf(call: Call, { ids, sessions }: State): Session {
  const [scheme, token = ""] = call.header("authorization").split(" ");
  const session = sessions.get(at(ids.verified(token), "session"));
  if (scheme !== "Bearer" || session === undefined) throw new Refusal(401, "no valid token");
  return session;
}

function basketOf(call: Call, state: State): Session {
  const session = bearerOf(call, state);
  if (Number(call.path[1]) !== session.basket) throw new Refusal(404, "no such basket");
  return session;
}

function basketJson(session: Session): unknown {
  const own = [...(lines.get(session) ?? [])];
  return { basketId: session.basket, lines: own.map(([id, sku]) => ({ id, sku })) };
}
