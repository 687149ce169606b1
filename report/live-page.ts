/** The page without data, for a browser that asks the server it came from.
 *
 *    api/events ──report──► the data block ──► the page's script draws it
 *               ──state───► one line about the observer                    */

import { createHash } from "node:crypto";
import { pageScript } from "./page/script.ts";
import { pageStyle } from "./page/style.ts";

const liveScript: string = String.raw`"use strict";
(() => {
  const place = document.getElementById("page");
  const state = document.getElementById("state");
  const block = document.createElement("script");
  block.type = "application/json";
  block.id = "data";
  document.body.append(block);
  const draw = () => { ${pageScript} };
  const events = new EventSource("api/events");
  events.addEventListener("report", (event) => {
    block.textContent = '{"data":' + event.data + ',"samplesLeftOut":0,"samples":{}}';
    place.replaceChildren();
    draw();
  });
  events.addEventListener("state", (event) => {
    const { observer, exchanges, mirrored } = JSON.parse(event.data);
    state.textContent = "observer " + observer + ", " + exchanges + " exchanges, " + mirrored + " mirrored";
  });
  events.addEventListener("error", () => {
    state.textContent = "not connected";
  });
})();
`;

/** @param token what the page is to send with what it changes; null = it changes nothing */
export function livePage(token: string | null): string {
  const policy = [
    "default-src 'none'",
    `style-src '${sourceHash(pageStyle)}'`,
    `script-src '${sourceHash(liveScript)}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
${token === null ? "" : `<meta name="penumbra-token" content="${token}">\n`}<title>Penumbra</title>
<style>${pageStyle}</style>
</head>
<body>
<noscript><p>This page asks its server with its own script, which is switched off here.</p></noscript>
<p id="state" role="status">connecting</p>
<div id="page"></div>
<script>${liveScript}</script>
</body>
</html>
`;
}

function sourceHash(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
