import { at, item } from "../columns.ts";
import type { Graph } from "../graph/graph.ts";
import type { LatencyTable } from "../profile/profile.ts";
import { err, ok, type Result } from "../result.ts";
import { shrinkFactor } from "../rig/precision.ts";
import type { Device, Rig } from "../rig/rig.ts";
import { validateRig } from "../rig/validate.ts";
import { applyConstraints, type Constraints, NO_CONSTRAINTS } from "./constraints.ts";
import type { Problem, ProblemDevice } from "./problem.ts";
import { findRoutes } from "./routes.ts";
import { type Encoding, tensorSizes } from "./wire.ts";

export { AS_STORED, type Encoding, type WireFormat } from "./wire.ts";

export interface ProblemSources {
  readonly graph: Graph;
  readonly rig: Rig;
  /** One table per device of the rig, in its order, without load. */
  readonly latencies: readonly LatencyTable[];
  readonly encoding: Encoding;
  /** Default: none. */
  readonly constraints?: Constraints;
}

function opSecondsOn(device: Device, graph: Graph, table: LatencyTable): Result<Float64Array> {
  if (table.seconds.length !== graph.opCount) {
    return err(
      `The latencies for device "${device.id}" cover ${table.seconds.length} ops; expected one for each of the graph's ${graph.opCount}.`,
    );
  }
  const unsupported = new Set(device.unsupportedOps);
  const opSeconds = new Float64Array(graph.opCount);
  for (let op = 0; op < graph.opCount; op++) {
    const seconds = at(table.seconds, op);
    if (!(seconds >= 0)) {
      return err(
        `The latency of op "${item(graph.opNames, op)}" on device "${device.id}" is ${seconds}; expected at least 0.`,
      );
    }
    opSeconds[op] = unsupported.has(item(graph.opTypes, op)) ? Number.POSITIVE_INFINITY : seconds * device.loadFactor;
  }
  return ok(opSeconds);
}

/** Bytes of every constant as the device holds it; an unknown size counts as 0. */
function weightBytesOn(device: Device, graph: Graph): Float64Array {
  return graph.constantBytes.map((stored, constant) => {
    const type = item(graph.constantTypes, constant);
    return Number.isNaN(stored) ? 0 : stored * shrinkFactor(type, device.weightPrecision);
  });
}

/** Power while computing counts beyond what the device draws anyway; an active power below that counts as equal. */
function problemDevice(device: Device, graph: Graph, table: LatencyTable, barred: Uint8Array): Result<ProblemDevice> {
  const opSeconds = opSecondsOn(device, graph, table);
  if (!opSeconds.ok) return opSeconds;
  return ok({
    id: device.id,
    memoryBytes: device.memory,
    onChipBytes: device.onChip === null ? 0 : device.onChip.capacity,
    streamingSecondsPerByte: device.onChip === null ? 0 : 1 / device.onChip.streaming,
    stageOverheadSeconds: device.stageOverhead,
    opSeconds: opSeconds.value,
    weightBytes: weightBytesOn(device, graph),
    barred,
    idleWatts: device.idleWatts ?? 0,
    activeWatts: Math.max(0, (device.activeWatts ?? 0) - (device.idleWatts ?? 0)),
    port: null,
  });
}

/**
 * Brings graph, rig, latencies and encoding into the columns that prediction and solvers work on. Times include the
 * device's load factor; ops of a type that the device does not support take Infinity. Fails with one sentence on a
 * rig that does not hold together, on constraints that name what is not there, on latencies that do not fit the graph and on a negative input size.
 * O(devices x (ops + constants) + routes).
 */
export function buildProblem({
  graph,
  rig,
  latencies,
  encoding,
  constraints = NO_CONSTRAINTS,
}: ProblemSources): Result<Problem> {
  const valid = validateRig(rig);
  if (!valid.ok) return valid;
  if (latencies.length !== rig.devices.length) {
    return err(
      `Latencies are given for ${latencies.length} devices; expected one table for each of the rig's ${rig.devices.length}.`,
    );
  }
  const override = encoding.inputBytesOverride;
  if (override !== null && !(override >= 0 && override < Number.POSITIVE_INFINITY)) {
    return err(`The input's size on the wire is ${override} bytes; expected a number of at least 0.`);
  }
  const applied = applyConstraints(constraints, graph, rig);
  if (!applied.ok) return applied;
  const devices: ProblemDevice[] = [];
  for (const [index, device] of rig.devices.entries()) {
    const built = problemDevice(device, graph, item(latencies, index), item(applied.value.barred, index));
    if (!built.ok) return built;
    devices.push(built.value);
  }
  const { memoryBytes, wireBytes, uncuttable } = tensorSizes(graph, encoding);
  const { routes, resourceCount } = findRoutes(rig);
  return ok({
    opCount: graph.opCount,
    tensorCount: graph.tensorCount,
    opInputs: graph.opInputs,
    opOutputs: graph.opOutputs,
    opWeights: graph.opConstants,
    tensorProducer: graph.tensorProducer,
    tensorConsumers: graph.tensorConsumers,
    tensorMemoryBytes: memoryBytes,
    tensorWireBytes: wireBytes,
    uncuttable,
    inputs: graph.inputs,
    outputs: graph.outputs,
    devices,
    routes,
    resourceCount,
    source: rig.devices.findIndex((device) => device.id === rig.source),
    sink: rig.devices.findIndex((device) => device.id === rig.sink),
    ...applied.value.conditions,
  });
}
