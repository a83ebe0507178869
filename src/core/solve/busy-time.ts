import { item } from "../columns.ts";
import type { Problem, Route } from "../plan/problem.ts";
import { returnBytes } from "../predict/terms.ts";

/** Busy seconds per byte (or, for a return, busy seconds) on each resource that a route uses. */
export type Load = ReadonlyMap<number, number>;

/** Devices on which a chain may end, and the time that the return from there takes of resources that boundaries use. */
export interface Ending {
  readonly devices: readonly number[];
  readonly credit: Load;
  /** Time that the sink is busy with receiving the outputs; 0 where devices compute meanwhile. */
  readonly receiveSeconds: number;
}

function loadOf(route: Route): Load {
  const load = new Map<number, number>();
  for (const { resource, secondsPerByte } of route.hops) load.set(resource, (load.get(resource) ?? 0) + secondsPerByte);
  return load;
}

/** How long the messages of a chain of devices keep links busy. Each device occurs once in a chain, the source first. */
export class BusyTime {
  readonly #source: number;
  /** loads[from][to], null where no route leads. */
  readonly loads: readonly (readonly (Load | null)[])[];
  readonly #returns: readonly (Load | null)[];
  readonly #problem: Problem;
  readonly #returnBytes: number;

  constructor(problem: Problem) {
    this.#source = problem.source;
    this.#problem = problem;
    this.loads = problem.routes.map((routes) => routes.map((route) => (route === null ? null : loadOf(route))));
    const size = returnBytes(problem);
    this.#returnBytes = size;
    this.#returns = this.loads.map((loads) => {
      const load = loads[problem.sink] ?? null;
      return load === null ? null : new Map([...load].map(([resource, perByte]) => [resource, perByte * size]));
    });
  }

  /** Seconds per byte for which a device that does nothing else meanwhile sends to another one. */
  sendPerByte(from: number, to: number): number {
    return this.#problem.overlap ? 0 : (this.#problem.routes[from]?.[to]?.hops[0]?.secondsPerByte ?? 0);
  }

  /** The same at the end that receives. */
  receivePerByte(from: number, to: number): number {
    return this.#problem.overlap ? 0 : (this.#problem.routes[from]?.[to]?.hops.at(-1)?.secondsPerByte ?? 0);
  }

  /** Seconds that the last device is busy with sending the outputs. */
  returnSeconds(device: number): number {
    return this.#returnBytes * this.sendPerByte(device, this.#problem.sink);
  }

  /** Pairs of devices that can be neighbours in a chain and whose messages use a resource. */
  #pairsOver(resource: number): { from: number; to: number }[] {
    return this.loads.flatMap((loads, from) =>
      loads.flatMap((load, to) =>
        to !== from && to !== this.#source && (load?.get(resource) ?? 0) > 0 ? [{ from, to }] : [],
      ),
    );
  }

  /** Where a chain can end within `limit` seconds of return; devices whose return competes with no boundary together. */
  endings(limit: number): readonly Ending[] {
    const groups = new Map<string, { devices: number[]; credit: Load; receiveSeconds: number }>();
    for (const [device, load] of this.#returns.entries()) {
      if (load === null || [...load.values()].some((seconds) => seconds > limit)) continue;
      const competing = [...load].filter(
        ([resource, seconds]) => seconds > 0 && this.#pairsOver(resource).some(({ from }) => from !== device),
      );
      const receiveSeconds = this.#returnBytes * this.receivePerByte(device, this.#problem.sink);
      if (receiveSeconds > limit) continue;
      const key = `${receiveSeconds} ${competing.map(([resource, seconds]) => `${resource}:${seconds}`).join(" ")}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { devices: [device], credit: new Map(competing), receiveSeconds });
      else group.devices.push(device);
    }
    return [...groups.values()];
  }

  /** Largest message from one device to another that, by itself, stays within the limit; -1 where no route leads. */
  largestMessage(from: number, to: number, limit: number, credit: Load): number {
    const load = item(item(this.loads, from), to);
    if (load === null) return -1;
    let most = Number.POSITIVE_INFINITY;
    for (const [resource, perByte] of load) {
      if (perByte > 0) most = Math.min(most, (limit - (credit.get(resource) ?? 0)) / perByte);
    }
    return most;
  }

  /** Resources over which two boundaries of one chain can send: their times add up. O(devices^4) per resource at worst. */
  sharedResources(): readonly number[] {
    const used = new Set(this.loads.flatMap((loads) => loads.flatMap((load) => [...(load?.keys() ?? [])])));
    return [...used]
      .sort((a, b) => a - b)
      .filter((resource) => {
        const pairs = this.#pairsOver(resource);
        return pairs.some((one) =>
          pairs.some(
            (two) => one.from !== two.from && one.to !== two.to && !(one.from === two.to && one.to === two.from),
          ),
        );
      });
  }
}
