import { at, f64, item, row } from "../../columns.ts";
import type { Problem } from "../../plan/problem.ts";
import type { Places } from "./assignment-program.ts";
import type { FigureSums } from "./figures.ts";
import { Linear, ONE, type Term, ZERO } from "./milp.ts";
import type { MilpBuilder } from "./milp-builder.ts";

/** A tensor, by where it is written and where it is read: a term per device. */
interface Flow {
  readonly tensor: number;
  readonly producer: readonly Term[];
  readonly readers: readonly (readonly Term[])[];
  /** Readers and, of an output, the sink. */
  readonly destinations: readonly (readonly Term[])[];
}

function same(a: readonly Term[], b: readonly Term[]): boolean {
  return a.every((term, device) => term === b[device]);
}

function flowsOf(problem: Problem, places: Places): readonly Flow[] {
  const numbers = [...problem.devices.keys()];
  const isOutput = new Uint8Array(problem.tensorCount);
  for (const tensor of problem.outputs) isOutput[tensor] = 1;
  const sink = numbers.map((device): Term => (device === problem.sink ? ONE : ZERO));
  const flows: Flow[] = [];
  for (let tensor = 0; tensor < problem.tensorCount; tensor++) {
    const producer = numbers.map((device) => places(at(problem.tensorProducer, tensor), device));
    const readers: (readonly Term[])[] = [];
    for (const consumer of row(problem.tensorConsumers, tensor)) {
      const reader = numbers.map((device) => places(consumer, device));
      if (!same(reader, producer) && !readers.some((other) => same(other, reader))) readers.push(reader);
    }
    const toSink = isOutput[tensor] === 1 && !same(sink, producer) && !readers.some((other) => same(other, sink));
    const destinations = toSink ? [...readers, sink] : readers;
    if (destinations.length > 0) flows.push({ tensor, producer, readers, destinations });
  }
  return flows;
}

/**
 * What tensors cost to deliver to every device that needs them, added to the figures: over routes, once per device, or
 * through ports, sent once and received once per device. Returns the bytes that wait in the queues of each device.
 */
export function addDelivery(
  builder: MilpBuilder,
  problem: Problem,
  places: Places,
  sums: FigureSums,
): readonly Linear[] {
  const queued = problem.devices.map(() => new Linear());
  for (const flow of flowsOf(problem, places)) {
    if (problem.queuedFrames > 0) {
      for (const device of problem.devices.keys()) {
        const arrives = arrivesAt(builder, flow.producer, flow.readers, device);
        item(queued, device).add(arrives, problem.queuedFrames * f64(problem.tensorMemoryBytes, flow.tensor));
      }
    }
    if (problem.delivery === "port") addPortFlow(builder, problem, flow, sums);
    else addDirectFlow(builder, problem, flow, sums);
  }
  return queued;
}

/** 1 where a reader is on the device and the producer is not. */
function arrivesAt(
  builder: MilpBuilder,
  producer: readonly Term[],
  readers: readonly (readonly Term[])[],
  device: number,
): Term {
  const cases = readers.map((reader) => new Linear().add(item(reader, device), 1).add(item(producer, device), -1));
  return builder.largest(cases, 1);
}

function addPortFlow(builder: MilpBuilder, problem: Problem, flow: Flow, sums: FigureSums): void {
  const bytes = f64(problem.tensorWireBytes, flow.tensor);
  if (bytes === 0) return;
  const { producer, destinations } = flow;
  for (const device of problem.devices.keys()) {
    const received = arrivesAt(builder, producer, destinations, device);
    sums.addPort(device, "receive", new Linear().add(received, bytes));
    const leaves = destinations.map((reader) =>
      new Linear().add(item(producer, device), 1).add(item(reader, device), -1),
    );
    sums.addPort(device, "send", new Linear().add(builder.largest(leaves, 1), bytes));
  }
}

/**
 * Per ordered pair of devices, whether the tensor goes from the one to the other. Producer and reader are on one pair of
 * devices each: with a column per edge and pair, whose sums over either end are that end's terms, the linear program is as
 * strong as the local polytope of the edge (Chekuri, Khanna, Naor, Zosin 2004).
 */
function addDirectFlow(builder: MilpBuilder, problem: Problem, flow: Flow, sums: FigureSums): void {
  const { producer, destinations } = flow;
  const numbers = [...problem.devices.keys()];
  const pairs = destinations.map((reader) => {
    const table = numbers.map((from) => numbers.map((to) => builder.product(item(producer, from), item(reader, to))));
    for (const device of numbers) {
      addMarginal(builder, item(producer, device), item(table, device));
      addMarginal(
        builder,
        item(reader, device),
        table.map((terms) => item(terms, device)),
      );
    }
    return table;
  });
  const bytes = f64(problem.tensorWireBytes, flow.tensor);
  for (const from of numbers) {
    for (const to of numbers) {
      if (from === to) continue;
      const cases = pairs.map((table) => new Linear().add(item(item(table, from), to), 1));
      const sent = builder.largest(cases, 1);
      if (sent === ZERO) continue;
      const count = new Linear().add(sent, 1);
      if (problem.routes[from]?.[to] == null) builder.atMost(count, 0);
      else sums.addMessages(from, to, count, new Linear().add(sent, bytes));
    }
  }
}

/** The sum of a row of pairs is the term of its end; where that is known, the pairs are the terms of the other end. */
function addMarginal(builder: MilpBuilder, end: Term, pairs: readonly Term[]): void {
  if (end === ZERO || end === ONE) return;
  const sum = new Linear().add(end, -1);
  for (const term of pairs) sum.add(term, 1);
  if (sum.columns.length > 0) builder.equal(sum, 0);
}
