import { item } from "../../columns.ts";
import { FIGURES, type Figure, type Limits, type Objective, weightsOf } from "../../plan/objective.ts";
import type { Problem } from "../../plan/problem.ts";
import { Linear } from "./milp.ts";
import type { MilpBuilder } from "./milp-builder.ts";

/** What prediction allows a limit to be exceeded by. */
const ROUNDING = 1e-9;

/**
 * The figures of a plan as expressions over the columns of a program, put together from what devices compute and what
 * is sent: the sums of core/predict, term by term.
 */
export class FigureSums {
  readonly #problem: Problem;
  readonly #latency = new Linear();
  readonly #joules = new Linear();
  readonly #traffic = new Linear();
  /** Busy seconds: of devices, of their ports, of the resources of hops. */
  readonly #compute: Linear[];
  readonly #ends: Linear[];
  readonly #resources: Linear[];
  readonly #linkBytes: Linear[];

  constructor(problem: Problem) {
    this.#problem = problem;
    this.#compute = problem.devices.map(() => new Linear());
    this.#ends = problem.devices.map(() => new Linear());
    this.#resources = Array.from({ length: problem.resourceCount }, () => new Linear());
    this.#linkBytes = Array.from(problem.linkMaxBytes, () => new Linear());
  }

  addCompute(device: number, seconds: Linear): void {
    this.#latency.addAll(seconds);
    item(this.#compute, device).addAll(seconds);
    this.#joules.addAll(seconds, item(this.#problem.devices, device).activeWatts);
  }

  /** Messages between two devices over the route that leads there: how many, and their bytes. */
  addMessages(from: number, to: number, count: Linear, bytes: Linear): void {
    const route = item(item(this.#problem.routes, from), to);
    if (route === null) throw new Error(`no route from device ${from} to device ${to}`);
    this.#latency.addAll(count, route.latency).addAll(bytes, route.secondsPerByte);
    this.#traffic.addAll(bytes, route.hops.length);
    for (const { link, resource, secondsPerByte, joulesPerByte } of route.hops) {
      this.#joules.addAll(bytes, joulesPerByte);
      item(this.#resources, resource).addAll(bytes, secondsPerByte);
      item(this.#linkBytes, link).addAll(bytes);
    }
    item(this.#ends, from).addAll(bytes, route.hops[0]?.secondsPerByte ?? 0);
    item(this.#ends, to).addAll(bytes, route.hops.at(-1)?.secondsPerByte ?? 0);
  }

  /** Bytes that a device sends, or receives, through its port. */
  addPort(device: number, direction: "send" | "receive", bytes: Linear): void {
    const { port } = item(this.#problem.devices, device);
    const rate = (direction === "send" ? port?.sendSecondsPerByte : port?.receiveSecondsPerByte) ?? 0;
    this.#latency.addAll(bytes, rate);
    item(this.#ends, device).addAll(bytes, rate);
    if (direction === "receive") this.#traffic.addAll(bytes);
  }

  /** Everything that the period is the largest of. */
  #busyTimes(): readonly Linear[] {
    const { overlap, delivery } = this.#problem;
    const devices = this.#compute.map((compute, device) =>
      overlap ? compute : new Linear().addAll(compute).addAll(item(this.#ends, device)),
    );
    return [...devices, ...(delivery === "port" && overlap ? this.#ends : []), ...this.#resources];
  }

  /** Puts objective, limits on figures and caps on links into the program. `timeUnit` is about the size of the period, in s. */
  finish(builder: MilpBuilder, objective: Objective, limits: Limits, timeUnit: number): void {
    const busy = this.#busyTimes();
    const energy = new Linear().addAll(this.#joules);
    for (const { idleWatts } of this.#problem.devices) energy.addAll(this.#latency, idleWatts);
    const weights = weightsOf(objective);
    const expression = (figure: Exclude<Figure, "period">) =>
      ({ latency: this.#latency, energy, traffic: this.#traffic })[figure];
    const sum = new Linear();
    for (const figure of FIGURES) {
      const weight = weights[figure] ?? 0;
      if (weight === 0) continue;
      if (figure !== "period") sum.addAll(expression(figure), weight);
      else sum.add(builder.largest(busy.map((linear) => new Linear().addAll(linear, 1 / timeUnit))), weight * timeUnit);
    }
    for (const figure of FIGURES) {
      const limit = limits[figure];
      if (limit === undefined || limit === Number.POSITIVE_INFINITY) continue;
      const most = limit * (1 + ROUNDING);
      for (const linear of figure === "period" ? busy : [expression(figure)]) builder.atMost(linear, most);
    }
    for (const [link, bytes] of this.#linkBytes.entries()) {
      const cap = this.#problem.linkMaxBytes[link] ?? Number.POSITIVE_INFINITY;
      if (cap < Number.POSITIVE_INFINITY) builder.atMost(bytes, cap);
    }
    builder.minimise(sum);
  }
}
