import { err, ok, type Result } from "../../result.ts";
import { type Distribution, distributionOf } from "../distribution.ts";
import { ObjectScanner } from "./object-scanner.ts";
import { type NodeEvent, parseEvent } from "./ort-events.ts";
import type { ProfileFormat, RawEntry, RawProfile } from "./raw-profile.ts";

/** Runs that are dropped from the front: memory and caches are not warm yet. */
const WARM_UP = 3;
/** Fewer runs than this make medians shaky on a busy machine. */
const ENOUGH_RUNS = 10;
/** Ops' medians add up to 0.95 of a run and more on a quiet machine; below this, other work took its share. */
const QUIET_ADDITIVITY = 0.8;

/** Ops whose time contains that of the ops of their bodies, which the trace lists as well. */
const CONTROL_FLOW = new Set(["If", "Loop", "Scan"]);
const INSERTED_TYPES = new Set(["ReorderInput", "ReorderOutput", "MemcpyToHost", "MemcpyFromHost"]);
const INSERTED_LABEL = /^(Reorder(Input|Output)|Memcpy|InsertedCast|InsertedPrecisionFreeCast)/;
/** What providers that compile whole parts of a model call them. */
const COMPILED_LABEL =
  /TRTKernel_graph_|OpenVINO-EP-subgraph_|DmlFusedNode_|QNNExecutionProvider_QNN|CoreMLExecutionProvider_|NnapiExecutionProvider_/;

interface Samples {
  readonly node: NodeEvent;
  readonly durations: number[];
  /** Run of each duration. */
  readonly runs: number[];
}

function keyOf(node: NodeEvent): string {
  return `${node.label}\n${node.opType ?? ""}\n${node.nodeIndex ?? ""}`;
}

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
  const key = keyOf(first);
  const starts = nodes.flatMap((node, i) => (keyOf(node) === key ? [i] : []));
  return starts.map((start, i) => nodes.slice(start, starts[i + 1]));
}

/**
 * Gathers the events of a trace run by run. Fed event by event, so that a file can be streamed through it; it keeps
 * durations only, not events.
 */
class TraceSummary {
  readonly #samples = new Map<string, Samples>();
  #runSeconds: number[] = [];
  #open: NodeEvent[] = [];
  #unreadable = 0;
  #earlierSessions = 0;
  #gpuKernels = 0;

  add(json: string): void {
    const event = parseEvent(json);
    if (event === null) {
      this.#unreadable++;
    } else if (event.kind === "node") {
      this.#open.push(event.node);
    } else if (event.kind === "other") {
      if (event.category === "Kernel") this.#gpuKernels++;
    } else if (event.name === "model_run") {
      this.#closeRun(this.#open, event.duration);
      this.#open = [];
    } else if (event.name === "session_initialization") {
      // A later session in the same file is another measurement: only the last one counts.
      if (this.#runSeconds.length > 0) this.#earlierSessions++;
      this.#samples.clear();
      this.#runSeconds = [];
      this.#open = [];
    }
  }

  #closeRun(nodes: readonly NodeEvent[], seconds: number): void {
    const run = this.#runSeconds.length;
    this.#runSeconds.push(seconds);
    const seen = new Map<string, number>();
    for (const node of withoutBodies(nodes)) {
      const base = keyOf(node);
      const ordinal = seen.get(base) ?? 0;
      seen.set(base, ordinal + 1);
      const key = `${base}\n${ordinal}`;
      const samples = this.#samples.get(key);
      if (samples === undefined) this.#samples.set(key, { node, durations: [node.duration], runs: [run] });
      else {
        samples.durations.push(node.duration);
        samples.runs.push(run);
      }
    }
  }

  finish(fileName: string, isTruncated: boolean): Result<RawProfile> {
    const warnings: string[] = [];
    if (this.#runSeconds.length === 0) {
      const runs = runsByRepetition(this.#open);
      for (const nodes of runs) this.#closeRun(nodes, Number.NaN);
      if (runs.length > 0)
        warnings.push("The trace holds no finished model_run; runs were told apart by their first op.");
    } else if (this.#open.length > 0) {
      warnings.push("The trace ends inside a run, which was left out.");
    }
    if (this.#samples.size === 0) {
      return err(
        `${fileName} is an ONNX Runtime trace without op timings; expected events of category "Node" from at least one run with profiling enabled.`,
      );
    }
    const recorded = this.#runSeconds.length;
    const dropped = Math.min(WARM_UP, Math.floor(recorded / 2));
    const kept = recorded - dropped;
    if (isTruncated) warnings.push("The file breaks off inside an event, which was left out.");
    if (this.#unreadable > 0) warnings.push(`${this.#unreadable} events could not be read and were left out.`);
    if (this.#earlierSessions > 0) {
      warnings.push(`The file holds ${this.#earlierSessions + 1} sessions; only the last one was read.`);
    }
    if (kept < ENOUGH_RUNS) {
      const runs = kept === 1 ? "1 run" : `${kept} runs`;
      warnings.push(`Only ${runs} after warm-up: low confidence; 50 or more are better.`);
    }

    const entries = [...this.#samples.values()].flatMap((samples) => {
      const durations = samples.durations.filter((_, i) => (samples.runs[i] ?? 0) >= dropped);
      return durations.length === 0 ? [] : [entryOf(samples.node, distributionOf(durations))];
    });
    const providers = [...new Set(entries.flatMap((entry) => entry.provider ?? []))];
    if (this.#gpuKernels > 0 || providers.includes("CUDAExecutionProvider")) {
      warnings.push("CUDA ops are timed at their launch, not at their end: the figures are too low.");
    }
    const wholes = this.#runSeconds.slice(dropped).filter((seconds) => Number.isFinite(seconds));
    const endToEnd = wholes.length > 0 ? distributionOf(wholes) : null;
    const total = entries.reduce((sum, entry) => sum + entry.latency.median, 0);
    const additivity = endToEnd !== null && endToEnd.median > 0 ? total / endToEnd.median : null;
    if (additivity !== null && additivity < QUIET_ADDITIVITY) {
      warnings.push(
        `The ops' medians add up to ${Math.round(additivity * 100)} % of the median run: the device was busy with other work while it measured.`,
      );
    }
    return ok({
      format: ortTrace.id,
      fileName,
      source: null,
      kind: "measured",
      model: { name: null, sha256: null },
      device: { name: null, runtime: ["ONNX Runtime", ...providers].join(", ") },
      runs: kept,
      warmupDropped: dropped,
      endToEnd,
      additivity,
      entries,
      warnings,
    });
  }
}

function entryOf(node: NodeEvent, latency: Distribution): RawEntry {
  const isInserted = (node.opType !== null && INSERTED_TYPES.has(node.opType)) || INSERTED_LABEL.test(node.label);
  const kind = isInserted ? "overhead" : COMPILED_LABEL.test(node.label) ? "subgraph" : "op";
  return {
    kind,
    label: node.label,
    opType: node.opType,
    nodeIndex: node.nodeIndex,
    nodes: null,
    inputCount: node.inputCount,
    activationBytes: node.activationBytes,
    outputShape: node.outputShape,
    provider: node.provider,
    latency,
  };
}

/**
 * The profiling output of ONNX Runtime, native and web: Chrome trace events as a JSON array, or one object a line.
 * `model_run` closes a run (it is written after its nodes). Warm-up runs are dropped, each op is summed up over the
 * rest. Read leniently: no end, a comma too many, fences and broken events do no harm. O(length).
 */
export const ortTrace: ProfileFormat = {
  id: "ort-trace",
  label: "an ONNX Runtime trace",
  sniff: (head) =>
    /^\s*\[?\s*\{/.test(head) &&
    ((/"cat"\s*:\s*"Node"/.test(head) && head.includes('_kernel_time"')) ||
      (/"cat"\s*:\s*"Session"/.test(head) &&
        /"name"\s*:\s*"(model_loading_uri|model_loading_array|session_initialization|model_run)"/.test(head))),
  parse: (text, fileName) => {
    const summary = new TraceSummary();
    const scanner = new ObjectScanner((json) => summary.add(json));
    scanner.push(text);
    return summary.finish(fileName, scanner.end());
  },
};
