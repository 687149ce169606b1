/** The service that the replay benches send to, in a process of its own: `node service.ts PORT` answers at once and keeps when
 * each request came, by its number and by the clock that all processes of a Linux machine share.
 *
 *    GET /arrivals      one line: milliseconds by number, null where none came; then it forgets them */

import { createServer } from "node:http";
import { answerOf, numberHeader } from "./answers.ts";

const loopback = "127.0.0.1";
const nanosecondsPerMillisecond = 1e6;
const numberKey = numberHeader.toLowerCase();
const [port] = process.argv.slice(2).map(Number);
let arrivals: number[] = [];

createServer((request, response) => {
  const number = request.headers[numberKey];
  if (typeof number === "string") arrivals[Number(number)] = Number(process.hrtime.bigint()) / nanosecondsPerMillisecond;
  const path = request.url ?? "/";
  request.resume();
  response.setHeader("Content-Type", "application/json");
  if (path !== "/arrivals") {
    response.end(answerOf(path));
    return;
  }
  response.end(JSON.stringify(Array.from(arrivals, (at) => at ?? null)));
  arrivals = [];
}).listen(port, loopback);
