import { f64, item, row } from "../columns.ts";
import type { Problem } from "../plan/problem.ts";
import { formatMemory } from "../units.ts";
import { capital, opText } from "./names.ts";
import type { SolveRequest } from "./solver.ts";

/** One sentence on why no plan can run within the devices' memories, as exact as is known. O(devices x weight reads). */
export function whyNothingFits(
  problem: Problem,
  { limits = {}, names }: Pick<SolveRequest, "limits" | "names">,
  complete = true,
): string {
  if (!complete) return "The search ended before it found a placement that keeps to everything.";
  const runsSome = problem.devices.filter(({ opSeconds }) => opSeconds.some((time) => time < Number.POSITIVE_INFINITY));
  const devices = runsSome.length > 0 ? runsSome : problem.devices;
  for (let op = 0; op < problem.opCount; op++) {
    if (devices.every(({ opSeconds }) => f64(opSeconds, op) === Number.POSITIVE_INFINITY)) {
      return `${capital(opText(names, op))} is supported by none of the ${problem.devices.length} devices; expected at least one that runs it.`;
    }
  }
  const roomiest = devices.reduce((best, device) => (device.memoryBytes > best.memoryBytes ? device : best));
  const largest = roomiest.memoryBytes;
  const smallest = (sizes: (weightBytes: Float64Array) => number) =>
    Math.min(...devices.map(({ weightBytes }) => sizes(weightBytes)));
  for (let op = 0; op < problem.opCount; op++) {
    const weights = smallest((sizes) =>
      row(problem.opWeights, op).reduce((sum, weight) => sum + f64(sizes, weight), 0),
    );
    if (weights <= largest) continue;
    return `The weights of ${opText(names, op)} take ${formatMemory(weights)} and fit no device: the largest, "${roomiest.id}", has ${formatMemory(largest)}.`;
  }
  const total = smallest((sizes) => sizes.reduce((sum, size) => sum + size, 0));
  const together = devices.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  if (total > together) {
    return `The weights take ${formatMemory(total)}; all ${devices.length} devices together hold ${formatMemory(together)}.`;
  }
  if (devices.length === 1) {
    return `Device "${item(devices, 0).id}" does not have the memory to run the model: its weights take ${formatMemory(total)} of ${formatMemory(largest)}, and the activations need more than the rest.`;
  }
  const limited = Object.keys(limits);
  if (limited.length > 0) return `No placement was found that keeps to the limits on ${limited.join(" and ")}.`;
  return `No placement was found that every device supports and that fits its memory: the weights take ${formatMemory(total)}, the largest device, "${roomiest.id}", has ${formatMemory(largest)}.`;
}
