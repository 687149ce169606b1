/** Prints how many exchanges a recording has. Argument: its path. */

import { openRecording } from "../../recording/open.ts";

const recording = await openRecording(process.argv[2] ?? "");
const exchanges = await Array.fromAsync(recording.exchanges());
recording.close();
process.stdout.write(String(exchanges.length));
