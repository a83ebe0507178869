import { err, ok, type Result } from "../../result.ts";
import type { Distribution } from "../distribution.ts";
import { GpuTimes } from "./gpu-times.ts";
import { rawEntry, rawProfile, runWarnings, totalProfile, warmUpOf } from "./make.ts";
import { KnownNodes, type NodeEvent, parseEvent } from "./ort-events.ts";
import type { RawEntry, RawProfile } from "./raw-profile.ts";
import { SampleColumn } from "./sample-column.ts";

/** Ops' medians add up to 0.95 of a run and more on a quiet machine; below this, other work took its share. */
const QUIET_ADDITIVITY = 0.8;
/** Events of one run at most; beyond that the trace has no run markers, and its runs are told apart as they come. */
const MOST_OPEN = 50_000;
/** Different ops that a trace can hold: more is no trace of one model. */
const MOST_OPS = 100_000;

/** Its ops are launched by the host and run later: a node's own event tells how long the launch took. */
const WEBGPU = "WebGpuExecutionProvider";

/** Ops whose time contains that of the ops of their bodies, which the trace lists as well. */
const CONTROL_FLOW = new Set(["If", "Loop", "Scan"]);
const INSERTED_TYPES = new Set(["ReorderInput", "ReorderOutput", "MemcpyToHost", "MemcpyFromHost"]);
const INSERTED_LABEL = /^(Reorder(Input|Output)|Memcpy|InsertedCast)/;
/** Also the prefix of nodes that run in another precision: only a Cast of this name was inserted. */
const CAST_LABEL = /^InsertedPrecisionFreeCast/;
/** What providers that compile whole parts of a model call them. */
const COMPILED_LABEL =
  /TRTKernel_graph_|OpenVINO-EP-subgraph_|DmlFusedNode_|QNNExecutionProvider_QNN|CoreMLExecutionProvider_|NnapiExecutionProvider_/;

/** Takes the bodies' ops out of a run: whatever ran within the time of an If, Loop or Scan. */
function withoutBodies(nodes: readonly NodeEvent[]): readonly NodeEvent[] {
  const parents = nodes.filter((node) => node.opType !== null && CONTROL_FLOW.has(node.opType));
  if (parents.length === 0) return nodes;
  const isWithin = (node: NodeEvent, parent: NodeEvent) =>
    node !== parent &&
    node.start >= parent.start &&
    node.start + node.duration <= parent.start + parent.duration &&
    node.duration < parent.duration;
  return nodes.filter((node) => !parents.some((parent) => isWithin(node, parent)));
}

/** Events without run markers, cut where the first op comes round again. */
function runsByRepetition(nodes: readonly NodeEvent[]): readonly (readonly NodeEvent[])[] {
  const [first] = nodes;
  if (first === undefined) return [];
  const { key } = first;
  const starts = nodes.flatMap((node, i) => (node.key === key ? [i] : []));
  return starts.map((start, i) => nodes.slice(start, starts[i + 1]));
}

/**
 * Gathers the events of an ONNX Runtime trace run by run. Fed event by event, so that a file of any length can be
 * streamed through it: it holds the events of one run and a bounded column of durations per op.
 */
export class TraceSummary {
  readonly #columns = new Map<string, { readonly node: NodeEvent; readonly samples: SampleColumn }>();
  readonly #known = new KnownNodes();
  #gpu = new GpuTimes();
  #wholes = new SampleColumn();
  #markedRuns = 0;
  #runs = 0;
  #open: NodeEvent[] = [];
  #unreadable = 0;
  #earlierSessions = 0;
  #gpuKernels = 0;
  #tooManyOps = false;

  add(json: string): void {
    const event = parseEvent(json);
    if (event === null) {
      this.#unreadable++;
    } else if (event.kind === "node") {
      this.#known.learn(event.node);
      this.#addNode(event.node);
    } else if (event.kind === "gpu") {
      this.#gpu.add(event.label, event.program, event.duration);
    } else if (event.kind === "other") {
      if (event.category === "Kernel") this.#gpuKernels++;
    } else if (event.name === "model_run") {
      this.#wholes.add(this.#runs, event.duration);
      this.#markedRuns++;
      this.#closeRun(this.#open);
      this.#open = [];
    } else if (event.name === "session_initialization") {
      // A later session in the same file is another measurement: only the last one counts.
      if (this.#runs > 0) this.#earlierSessions++;
      this.#columns.clear();
      this.#wholes = new SampleColumn();
      this.#gpu = new GpuTimes();
      this.#runs = 0;
      this.#markedRuns = 0;
      this.#open = [];
    }
  }

  /** Takes a line if it is the event of a node that was seen before; false where it must be parsed. */
  addLine(line: string): boolean {
    const node = this.#known.recall(line);
    if (node === null) return false;
    this.#addNode(node);
    return true;
  }

  #addNode(node: NodeEvent): void {
    this.#open.push(node);
    if (this.#open.length > MOST_OPEN) this.#closeRepeated(false);
  }

  /** Closes what runs can be told apart among the open events; the last one may still go on. */
  #closeRepeated(isLast: boolean): void {
    const runs = runsByRepetition(this.#open);
    const whole = isLast ? runs : runs.slice(0, -1);
    for (const nodes of whole) this.#closeRun(nodes);
    this.#open = isLast ? [] : [...(runs.at(-1) ?? [])];
    // One run of more events than any model has ops: nothing to tell runs apart by.
    if (this.#open.length > MOST_OPEN) this.#open = [];
  }

  #closeRun(nodes: readonly NodeEvent[]): void {
    const run = this.#runs++;
    const seen = new Map<string, number>();
    for (const node of withoutBodies(nodes)) {
      const ordinal = seen.get(node.key) ?? 0;
      seen.set(node.key, ordinal + 1);
      const key = ordinal === 0 ? node.key : `${node.key}\n${ordinal}`;
      let column = this.#columns.get(key);
      if (column === undefined) {
        if (this.#columns.size >= MOST_OPS) {
          this.#tooManyOps = true;
          continue;
        }
        column = { node, samples: new SampleColumn() };
        this.#columns.set(key, column);
      }
      column.samples.add(run, node.duration);
    }
  }

  finish(format: string, fileName: string, isTruncated: boolean): Result<RawProfile> {
    const warnings: string[] = [];
    if (this.#markedRuns === 0) {
      this.#closeRepeated(true);
      if (this.#runs > 0)
        warnings.push("The trace holds no finished model_run; runs were told apart by their first op.");
    } else if (this.#open.length > 0) {
      warnings.push("The trace ends inside a run, which was left out.");
    }
    // An op that ran during warm-up only has no time.
    const entries = [...this.#columns.values()].flatMap(({ node, samples }) => {
      const latency = samples.distribution(this.#runs);
      return latency === null ? [] : [entryOf(node, latency)];
    });
    if (entries.length === 0) {
      const whole = this.#wholeOnly(format, fileName, []);
      if (whole !== null) return ok(whole);
      return err(
        `${fileName} is an ONNX Runtime trace without op timings; expected events of category "Node" from at least one run with profiling enabled.`,
      );
    }
    if (this.#tooManyOps) {
      return err(`${fileName} names more than ${MOST_OPS} different ops; expected a trace of one model.`);
    }
    const dropped = warmUpOf(this.#runs);
    const kept = this.#runs - dropped;
    if (isTruncated) warnings.push("The file breaks off inside an event, which was left out.");
    if (this.#unreadable > 0) warnings.push(`${this.#unreadable} events could not be read and were left out.`);
    if (this.#earlierSessions > 0) {
      warnings.push(`The file holds ${this.#earlierSessions + 1} sessions; only the last one was read.`);
    }
    warnings.push(...runWarnings(kept));

    const providers = [...new Set(entries.flatMap((entry) => entry.provider ?? []))];
    const isOnGpu = providers.includes(WEBGPU);
    if (this.#gpuKernels > 0 || providers.includes("CUDAExecutionProvider")) {
      warnings.push("CUDA ops are timed at their launch, not at their end: the figures are too low.");
    }
    const onGpu = this.#timedOnGpu(entries, dropped);
    if (onGpu === null) {
      const whole = this.#wholeOnly(format, fileName, [
        ...warnings,
        "Ops on the GPU are timed at their launch, not at their end: only whole runs are known.",
      ]);
      if (whole !== null) return ok(whole);
    }
    const profile = rawProfile(format, fileName, onGpu ?? entries, {
      device: { name: null, runtime: ["ONNX Runtime", ...providers].join(", ") },
      runs: kept,
      warmupDropped: dropped,
      endToEnd: this.#wholes.distribution(this.#runs),
    });
    if (profile.additivity !== null && profile.additivity < QUIET_ADDITIVITY) {
      const percent = Math.round(profile.additivity * 100);
      warnings.push(
        isOnGpu
          ? `The GPU works for ${percent} % of the median run; the rest is launching its programs and copying results.`
          : `The ops' medians add up to ${percent} % of the median run: the device was busy with other work while it measured.`,
      );
    }
    return ok({ ...profile, warnings });
  }

  /** Whole runs, where the ops tell nothing; null where the trace has no whole run either. */
  #wholeOnly(format: string, fileName: string, warnings: readonly string[]): RawProfile | null {
    const whole = this.#wholes.distribution(this.#runs);
    if (whole === null) return null;
    const dropped = warmUpOf(this.#runs);
    return totalProfile(format, fileName, whole, {
      device: { name: null, runtime: "ONNX Runtime" },
      warmupDropped: dropped,
      warnings: [...new Set([...warnings, ...runWarnings(this.#runs - dropped)])],
    });
  }

  /** Entries with the GPU's own times for what ran there; null where these are missing although ops ran there. */
  #timedOnGpu(entries: readonly RawEntry[], dropped: number): readonly RawEntry[] | null {
    if (!entries.some(({ provider }) => provider === WEBGPU)) return entries;
    if (this.#gpu.isEmpty) return null;
    const timed: RawEntry[] = [];
    for (const entry of entries) {
      const latency = entry.provider === WEBGPU ? this.#gpu.latencyOf(entry.label, this.#runs, dropped) : entry.latency;
      if (latency === null) return null;
      timed.push({ ...entry, latency });
    }
    return timed;
  }
}

function entryOf(node: NodeEvent, latency: Distribution): RawEntry {
  const isInserted =
    (node.opType !== null && INSERTED_TYPES.has(node.opType)) ||
    INSERTED_LABEL.test(node.label) ||
    (CAST_LABEL.test(node.label) && (node.opType === null || node.opType === "Cast"));
  return rawEntry(node.label, latency, {
    kind: isInserted ? "overhead" : COMPILED_LABEL.test(node.label) ? "subgraph" : "op",
    opType: node.opType,
    nodeIndex: node.nodeIndex,
    inputCount: node.inputCount,
    activationBytes: node.activationBytes,
    outputShape: node.outputShape,
    provider: node.provider,
  });
}
