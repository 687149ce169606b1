/** The certificate of tests: for `localhost`, trusted by nobody but them. */

import { readFileSync } from "node:fs";

export const certificate = readFileSync(new URL("./loopback-cert.pem", import.meta.url), "utf8");
export const privateKey = readFileSync(new URL("./loopback-key.pem", import.meta.url), "utf8");
