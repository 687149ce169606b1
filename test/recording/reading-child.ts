/** Prints how many exchanges a recording has. Argument: its path. */

import { openRecording } from "../../recording/open.ts";

const recording = await openRecording(process.argv[2] ?? "");
let count = 0;
for await (const _exchange of recording.exchanges()) count++;
recording.close();
process.stdout.write(String(count));
