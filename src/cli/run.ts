import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { item } from "../core/columns.ts";
import type { ModelSources } from "../core/export/export-file.ts";
import type { ExportSubject } from "../core/export/export-subject.ts";
import {
  type Pipeline,
  type PipelineTensor,
  PROTOCOL_TYPES,
  pipelineOf,
  servedName,
  sizesOf,
} from "../core/export/pipeline.ts";
import { segmentFolder } from "../core/export/segment-folder.ts";
import { seededInputs } from "../core/onnx/seeded-inputs.ts";
import { segmentModels } from "../core/onnx/segments/segment-models.ts";
import { err, ok, type Result } from "../core/result.ts";
import { compareTensors } from "../engine/compare-tensors.ts";
import { runtimeTensors } from "../engine/runtime-tensors.ts";
import { type RunOutcome, type RunRequest, type RunStage, runPipeline } from "../engine/serving/pipeline-run.ts";
import type { WireTensor } from "../engine/serving/protocol.ts";
import type { RuntimeTensor, ServingRuntime, TensorSpec } from "../engine/serving/stage-session.ts";
import { fromWire, toWire } from "../engine/serving/wire-tensors.ts";
import type { Output } from "./command.ts";
import { writeExportFolder } from "./export-folder.ts";
import { startLocalServers } from "./local-servers.ts";
import { withModelFiles } from "./model-files.ts";
import { openPlanned, type PlannedFile } from "./plan-file.ts";
import { plannedSubject } from "./planned-subject.ts";
import { type RunRoutes, runRoutes } from "./run-messages.ts";
import { type OutputDifference, type RunFacts, runReport, runText } from "./run-report.ts";
import type { RunOptions } from "./serving-arguments.ts";
import { servingBackend } from "./serving-backend.ts";
import { StageClient } from "./stage-client.ts";

export interface RunSurroundings {
  /** File of the command line's program, which servers of this machine are started from. */
  readonly program: string;
  readonly progress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Exit code where the pipeline's outputs are not those of the whole model. */
const DIFFERENT = 1;
/** Of an output's largest value: builds of the runtime, and fusions that a cut prevents, round differently. */
const TOLERANCE = 1e-3;
/** Where the model computes with halves: their last bit is 2^-11. */
const TOLERANCE_OF_HALVES = 1e-2;
/** Where the plan sends tensors rounded to 16 or 8 bits. */
const TOLERANCE_OF_ENCODING = 1e-1;
const CANCELLED = "Cancelled";
const WARM_UP = 2;
const MOST_ALONE = 10;

/** `splitscope run`: sends frames through servers that hold the stages of a plan, and compares with the prediction. */
export async function runRun(command: RunOptions, surroundings: RunSurroundings): Promise<Result<Output>> {
  const planned = await openPlanned(command.model, command.plan, command);
  if (!planned.ok) return planned;
  const subject = plannedSubject(planned.value);
  if (!subject.ok) return subject;
  return withModelFiles(command.model, async ({ model, source, others }) => {
    const { model: opened, plan, encoding } = subject.value;
    const segments = segmentModels(model, opened.graph, plan, encoding);
    if (!segments.ok) return segments;
    const sources = { model, source, others, segments: segments.value };
    const result = await runSegments(command, surroundings, planned.value, subject.value, sources);
    surroundings.progress?.("");
    // What a server or a step then says is no fault of theirs.
    const isCancelled = !result.ok && surroundings.signal?.aborted === true && !result.error.startsWith(CANCELLED);
    return isCancelled ? err(`${CANCELLED} before the frames were through.`) : result;
  });
}

async function runSegments(
  command: RunOptions,
  surroundings: RunSurroundings,
  planned: PlannedFile,
  subject: ExportSubject,
  sources: ModelSources,
): Promise<Result<Output>> {
  const pipeline = pipelineOf(subject, sources);
  surroundings.progress?.("Running the whole model ...");
  const whole = await runWhole(command, subject, sources);
  if (!whole.ok) return whole;
  if (surroundings.signal?.aborted === true) return err(`${CANCELLED} before any frame was sent.`);
  const servers = await openServers(command, surroundings, subject, sources, pipeline);
  if (!servers.ok) return servers;
  try {
    const routes = runRoutes(subject, pipeline, sources.segments, command.shaped);
    const stages = await stagesOnServers(command, pipeline, routes, servers.value);
    if (!stages.ok) return stages;
    const ends = { stages: stages.value, outputs: pipeline.outputs.map(({ name }) => name), sink: routes.sink };
    const facts = await drive(command, surroundings, subject, ends, whole.value);
    if (!facts.ok) return facts;
    const report = runReport({
      subject,
      ...facts.value,
      messages: routes.messages,
      runtime: servers.value.runtime,
      servers: new Map([...servers.value.urls].map(([stage, url]) => [stage, url.href])),
      shaped: command.shaped,
      seed: command.seed,
      notes: notesOf(command, planned, pipeline),
    });
    return ok({
      json: report,
      text: () => runText(report),
      exitCode: facts.value.verdict === "different" ? DIFFERENT : 0,
    });
  } finally {
    await servers.value.stop();
  }
}

function notesOf(command: RunOptions, { notes }: PlannedFile, { stages }: Pipeline): readonly string[] {
  if (command.servers === null) {
    return [
      ...notes,
      "All stages run on this machine: their times are its own, and stages that run at once share its processors.",
      ...(command.shaped ? [] : ["Links are not imitated."]),
    ];
  }
  const devices = new Set(stages.flatMap(({ segment, device }) => (segment === null ? [] : [device])));
  return devices.size < 2
    ? notes
    : [
        ...notes,
        "Tensors between devices go through this machine: run this on the source device for times like the plan's.",
      ];
}

interface WholeOutcome {
  readonly inputs: readonly WireTensor[];
  readonly outputs: ReadonlyMap<string, RuntimeTensor>;
  readonly Tensor: ServingRuntime["Tensor"];
}

/** The whole model on made-up inputs, in this process. */
async function runWhole(
  { model: path, runtime, threads, level, seed }: RunOptions,
  { model: opened }: ExportSubject,
  { model }: ModelSources,
): Promise<Result<WholeOutcome>> {
  const seeded = seededInputs(model, opened.bindings, seed);
  if (!seeded.ok) return seeded;
  const backend = await servingBackend({ kind: runtime, threads, level });
  if (!backend.ok) return backend;
  const { Tensor: TensorClass } = backend.value.runtime;
  const tensors = runtimeTensors(seeded.value, TensorClass);
  const session = await backend.value.load(path);
  if (!session.ok) return session;
  try {
    const feeds = session.value.inputNames.flatMap((name): [string, RuntimeTensor][] => {
      const tensor = tensors.get(name);
      return tensor === undefined ? [] : [[name, tensor]];
    });
    const outputs = new Map(Object.entries(await session.value.run(Object.fromEntries(feeds))));
    const inputs: WireTensor[] = [];
    const read = new Set(opened.graph.inputs.map((tensor) => item(opened.graph.tensorNames, tensor)));
    for (const [name, tensor] of tensors) {
      if (!read.has(name)) continue;
      const wire = toWire(name, tensor);
      if (!wire.ok) return wire;
      inputs.push(wire.value);
    }
    return ok({ inputs, outputs, Tensor: TensorClass });
  } catch (reason) {
    return err(
      `"${model.fileName}" fails in ONNX Runtime: ${reason instanceof Error ? reason.message : String(reason)}`,
    );
  } finally {
    await session.value.release();
  }
}

interface OpenServers {
  readonly urls: ReadonlyMap<number, URL>;
  readonly clients: ReadonlyMap<number, StageClient>;
  readonly runtime: string;
  stop(): Promise<void>;
}

/** Servers of this machine, or those that were named, and a client for each stage that holds ops. */
async function openServers(
  command: RunOptions,
  { program, progress, signal }: RunSurroundings,
  subject: ExportSubject,
  sources: ModelSources,
  { stages }: Pipeline,
): Promise<Result<OpenServers>> {
  const connect = (urls: ReadonlyMap<number, URL>, runtime: string, stop: () => Promise<void>): OpenServers => {
    const clients = new Map(
      [...urls].map(([stage, url]) => [stage, new StageClient(item(stages, stage).device, url, signal)]),
    );
    return {
      urls,
      clients,
      runtime,
      stop: async () => {
        for (const client of clients.values()) client.close();
        await stop();
      },
    };
  };
  if (command.servers !== null) {
    const urls = new Map<number, URL>();
    for (const { stage, segment, device } of stages) {
      if (segment === null) continue;
      const url = command.servers.get(device);
      if (url === undefined)
        return err(
          `Stage ${stage} is on device "${device}", for which no server is named; expected --at ${device}=http://HOST:PORT.`,
        );
      urls.set(stage, url);
    }
    const stray = [...command.servers.keys()].find((device) => !stages.some((stage) => stage.device === device));
    if (stray !== undefined) return err(`--at names the device "${stray}", which the plan does not use.`);
    return ok(connect(urls, "as the servers have it", async () => {}));
  }
  const folder = mkdtempSync(join(tmpdir(), "splitscope-run-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  progress?.("Writing the stages ...");
  const models = join(folder, "stages");
  const files = segmentFolder.files(subject, sources);
  const written = files.ok ? await writeExportFolder(models, files.value) : files;
  if (!written.ok) {
    remove();
    return written;
  }
  if (signal?.aborted === true) {
    remove();
    return err(`${CANCELLED} before any frame was sent.`);
  }
  progress?.("Starting a server for each stage ...");
  const started = await startLocalServers(stages, models, program, command);
  if (!started.ok) {
    remove();
    return started;
  }
  const { urls, runtime, stop } = started.value;
  return ok(
    connect(urls, runtime, async () => {
      await stop();
      remove();
    }),
  );
}

/** Why a served model is not the stage that it should be, as the end of a sentence; null where it is. */
function difference(
  kind: "input" | "output",
  expected: readonly PipelineTensor[],
  served: readonly TensorSpec[],
): string | null {
  const found = new Map(served.map((spec) => [spec.name, spec]));
  for (const { name, type } of expected) {
    const spec = found.get(name);
    const names = served.map((one) => `"${one.name}"`).join(", ") || "none";
    if (spec === undefined) return `has no ${kind} "${name}" (it has ${names})`;
    const datatype = PROTOCOL_TYPES.get(type.elementType);
    if (spec.datatype !== datatype)
      return `has the ${kind} "${name}" of ${spec.datatype}; expected ${datatype ?? type.elementType}`;
    const sizes = sizesOf(type);
    const open = (size: number | undefined) => size === undefined || size < 0;
    const alike =
      sizes === null ||
      spec.shape.length === 0 ||
      (spec.shape.length === sizes.length &&
        sizes.every((size, i) => size < 0 || open(spec.shape[i]) || spec.shape[i] === size));
    if (!alike) return `has the ${kind} "${name}" of [${spec.shape.join(", ")}]; expected [${sizes?.join(", ")}]`;
  }
  const known = new Set(expected.map(({ name }) => name));
  const extra = kind === "input" ? served.find(({ name }) => !known.has(name)) : undefined;
  return extra === undefined ? null : `needs the input "${extra.name}", which the stage has not`;
}

/** Finds each stage's model on its server and checks that it is that stage. */
async function stagesOnServers(
  { servers }: RunOptions,
  { stages }: Pipeline,
  { placeOf, messages }: RunRoutes,
  { clients }: OpenServers,
): Promise<Result<readonly RunStage[]>> {
  const found: RunStage[] = [];
  for (const stage of stages) {
    const { stage: number, device } = stage;
    const common = { stage: number, device, place: item(placeOf, number), sends: item(messages, number) };
    const client = clients.get(stage.stage);
    if (stage.segment === null || client === undefined) {
      found.push({ ...common, step: null });
      continue;
    }
    const model = servedName(stage.segment);
    const metadata = await client.metadata(model);
    if (!metadata.ok) return metadata;
    const where = servers?.get(stage.device)?.href ?? "this machine";
    if (metadata.value === null) {
      return err(
        `Device "${stage.device}" at ${where} has no model "${model}"; expected stage ${stage.stage}, ${stage.segment.fileName}.`,
      );
    }
    const fault =
      difference("input", stage.inputs, metadata.value.inputs) ??
      difference("output", stage.outputs, metadata.value.outputs);
    if (fault !== null) {
      return err(
        `The model "${model}" of device "${stage.device}" at ${where} ${fault}: it is not stage ${stage.stage} of this plan.`,
      );
    }
    const [inputs, outputs] = [stage.inputs.map(({ name }) => name), stage.outputs.map(({ name }) => name)];
    const infer = (tensors: readonly WireTensor[]) => client.infer(model, tensors, outputs);
    found.push({ ...common, step: { inputs, outputs, infer } });
  }
  return ok(found);
}

/** Runs frames one at a time, then several in flight, and compares what comes out with the whole model. */
async function drive(
  { frames, inFlight, shaped }: RunOptions,
  { progress, signal }: RunSurroundings,
  subject: ExportSubject,
  ends: Pick<RunRequest, "stages" | "outputs" | "sink">,
  whole: WholeOutcome,
): Promise<Result<Pick<RunFacts, "alone" | "stream" | "inFlight" | "outputs" | "verdict" | "tolerance">>> {
  const common = { ...ends, inputs: whole.inputs, ...(signal === undefined ? {} : { signal }) };
  const count = ends.stages.filter(({ step }) => step !== null).length;
  const most = inFlight ?? 2 * Math.max(1, count);
  const told = (what: string) => (done: number) => progress?.(`${what}: ${done} frames ...`);
  const warm = await runPipeline({ ...common, frames: WARM_UP, inFlight: 1, perDevice: 1 });
  if (!warm.ok) return warm;
  const alone = await runPipeline({
    ...common,
    frames: Math.min(frames, MOST_ALONE),
    inFlight: 1,
    perDevice: 1,
    onFrame: told("One at a time"),
  });
  if (!alone.ok) return alone;
  // With links that are real a second request under way hides the journey; imitated ones are waited for apart.
  const perDevice = shaped ? 1 : 2;
  const stream = await runPipeline({ ...common, frames, inFlight: most, perDevice, onFrame: told("In flight") });
  if (!stream.ok) return stream;
  const compared = compareOutputs(stream.value, whole);
  if (!compared.ok) return compared;
  const tolerance = toleranceOf(subject, whole);
  const outputs = compared.value;
  const isEqual = outputs.every(({ bitEqual }) => bitEqual);
  const isClose = outputs.every(({ maxRelative }) => maxRelative <= tolerance);
  const verdict = isEqual ? "bit-equal" : isClose ? "close" : "different";
  return ok({ alone: alone.value, stream: stream.value, inFlight: most, outputs, verdict, tolerance });
}

function toleranceOf({ encoding }: ExportSubject, { inputs, outputs }: WholeOutcome): number {
  if (encoding.input !== "as-stored" || encoding.cut !== "as-stored") return TOLERANCE_OF_ENCODING;
  const halves =
    inputs.some(({ datatype }) => datatype === "FP16") || [...outputs.values()].some(({ type }) => type === "float16");
  return halves ? TOLERANCE_OF_HALVES : TOLERANCE;
}

function compareOutputs({ outputs }: RunOutcome, whole: WholeOutcome): Result<readonly OutputDifference[]> {
  const given = new Map(outputs.map((tensor) => [tensor.name, tensor]));
  const differences: OutputDifference[] = [];
  for (const [name, expected] of whole.outputs) {
    const wire = given.get(name);
    if (wire === undefined) return err(`The pipeline does not give the model's output "${name}".`);
    const actual = fromWire(wire, whole.Tensor);
    if (!actual.ok) return actual;
    differences.push(compareTensors(name, expected, actual.value));
  }
  return ok(differences);
}
