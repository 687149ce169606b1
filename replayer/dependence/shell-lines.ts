/** Requests of a plan as shell commands: those that have to overlap in one line, which starts them in the background.
 *
 *    A, and B 13 ms later     (curl A & sleep 0.013; curl B & wait)
 *    then C                   curl C                                                                                               */

import { curlCommand } from "../../recording/curl.ts";
import type { Group, Plan } from "./plan.ts";

/** More requests are no commands to paste; the recording has them all. */
const mostRequests = 20;
const longestCommand = 4096;
const msPerSecond = 1000;

/** @param base scheme and authority to send to */
export function shellLines(plan: Plan, base: string): string[] {
  const lines: string[] = [];
  let requests = 0;
  for (const group of plan) {
    requests += group.length;
    if (requests > mostRequests) return [...lines, "# more requests than can be shown: replay the recording"];
    lines.push(lineOf(group, base));
  }
  return lines;
}

function lineOf(group: Group, base: string): string {
  const commands = group.map(({ exchange }) => curlCommand(exchange, base));
  const tooLong = commands.findIndex((command) => command.length > longestCommand);
  const id = group[tooLong]?.exchange.id;
  if (id !== undefined) return `# too long to show: penumbra inspect RECORDING ${id} --curl`;
  const [alone] = commands;
  return commands.length === 1 && alone !== undefined ? alone : overlapping(group, commands);
}

function overlapping(group: Group, commands: readonly string[]): string {
  const parts = commands.map(withoutRemarks).map(({ command }, index) => {
    const waited = index === 0 ? 0 : (group[index]?.due ?? 0) - (group[index - 1]?.due ?? 0);
    return waited > 0 ? `sleep ${seconds(waited)}; ${command} &` : `${command} &`;
  });
  return `${commands
    .map(withoutRemarks)
    .flatMap(({ remarks }) => remarks)
    .join("")}(${parts.join(" ")} wait)`;
}

/** A remark in the middle of a line would end it. */
function withoutRemarks(command: string): { readonly remarks: readonly string[]; readonly command: string } {
  const [, remarks = "", rest = command] = /^((?:#.*\n)*)([^]*)$/.exec(command) ?? [];
  return { remarks: remarks === "" ? [] : [remarks], command: rest };
}

function seconds(ms: number): string {
  return String(Number((ms / msPerSecond).toFixed(3)));
}
