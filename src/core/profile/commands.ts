import type { OptimisationLevel } from "./optimisation-level.ts";

/** What a model's input is, as far as a command must say it. */
export interface CommandInput {
  readonly name: string;
  /** Sizes in force; null where one is not known. */
  readonly dims: readonly (number | null)[];
}

export interface CommandModel {
  /** Name of the model's file. */
  readonly fileName: string;
  readonly inputs: readonly CommandInput[];
  /** Sizes given to open dimensions, by name. */
  readonly bindings: ReadonlyMap<string, number>;
}

/** A way to profile a model on another machine, to copy. */
export interface ProfilingCommand {
  readonly id: "splitscope" | "python" | "trtexec";
  /** What runs it: "Splitscope's command line". */
  readonly title: string;
  /** What must be there and what comes out, in one or two sentences. */
  readonly note: string;
  readonly language: "sh" | "python";
  readonly text: string;
  /** The file that is written, to be dropped here. */
  readonly writes: string;
}

export interface CommandOptions {
  readonly level?: OptimisationLevel;
  readonly runs?: number;
}

/** Runs that are worth waiting for where nothing tells that the median has settled. */
const RUNS = 50;
const WARM_UP = 5;

/** A word for a POSIX shell: as it is where that is safe, else in single quotes. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path that no program takes for an option. */
function shellPath(fileName: string): string {
  return shellWord(fileName.startsWith("-") ? `./${fileName}` : fileName);
}

/** A Python string literal; JSON's escapes are Python's too. */
const pythonText = (text: string): string => JSON.stringify(text);

function stem(fileName: string): string {
  const base = fileName.slice(fileName.lastIndexOf("/") + 1);
  return base.replace(/\.onnx$/i, "") || "model";
}

function splitscope(model: CommandModel, { level, runs }: CommandOptions): ProfilingCommand {
  const writes = `${stem(model.fileName)}.profile.json`;
  const parts = ["npm run splitscope -- profile", shellPath(model.fileName)];
  for (const [name, size] of model.bindings) parts.push(`--dim ${shellWord(`${name}=${size}`)}`);
  if (level !== undefined && level !== "all") parts.push(`--level ${level}`);
  if (runs !== undefined) parts.push(`--runs ${runs}`);
  parts.push(`--out ${shellPath(writes)}`);
  return {
    id: "splitscope",
    title: "Splitscope's command line",
    note: "In a clone of Splitscope on the device, which needs Node 20 or newer. Measures until the median has settled.",
    language: "sh",
    text: parts.join(" "),
    writes,
  };
}

const PYTHON_LEVELS: Readonly<Record<OptimisationLevel, string>> = {
  disabled: "ORT_DISABLE_ALL",
  basic: "ORT_ENABLE_BASIC",
  extended: "ORT_ENABLE_EXTENDED",
  all: "ORT_ENABLE_ALL",
};

function python(model: CommandModel, { level = "all", runs = RUNS }: CommandOptions): ProfilingCommand {
  const prefix = `${stem(model.fileName)}.trace`;
  const optimised = `${stem(model.fileName)}.optimised.onnx`;
  const sizes = [...model.bindings].map(([name, size]) => `${pythonText(name)}: ${size}`).join(", ");
  // A dimension without a name is called "input:axis" here.
  const text = `import numpy as np
import onnxruntime as ort

options = ort.SessionOptions()
options.enable_profiling = True
options.profile_file_prefix = ${pythonText(prefix)}
options.optimized_model_filepath = ${pythonText(optimised)}
options.graph_optimization_level = ort.GraphOptimizationLevel.${PYTHON_LEVELS[level]}
session = ort.InferenceSession(${pythonText(model.fileName)}, options, providers=["CPUExecutionProvider"])

sizes = {${sizes}}
types = {"float": np.float32, "double": np.float64, "float16": np.float16, "bool": np.bool_}
random = np.random.default_rng(1)
feeds = {}
for value in session.get_inputs():
    kind = value.type.removeprefix("tensor(").removesuffix(")")
    shape = [size if isinstance(size, int) else sizes.get(size, sizes.get(f"{value.name}:{axis}", 1))
             for axis, size in enumerate(value.shape)]
    dtype = np.dtype(types.get(kind, kind))
    # Whole numbers are 1: valid as an id, a length and a mask.
    feeds[value.name] = random.random(shape).astype(dtype) if dtype.kind == "f" else np.ones(shape, dtype)

for _ in range(${runs + WARM_UP}):
    session.run(None, feeds)
print(session.end_profiling())
`;
  return {
    id: "python",
    title: "Python's onnxruntime",
    note: "Needs the packages onnxruntime and numpy. Prints the name of the trace that it has written. Drop both files together: the optimised model tells exactly which ops each kernel stands for. For other providers, put theirs in place of CPUExecutionProvider.",
    language: "python",
    text,
    writes: `${prefix}_*.json and ${optimised}`,
  };
}

function trtexec(model: CommandModel, { runs = RUNS }: CommandOptions): ProfilingCommand {
  const base = stem(model.fileName);
  const writes = `${base}.trt-profile.json`;
  const parts = [
    `trtexec --onnx=${shellWord(model.fileName)}`,
    "--fp16",
    "--separateProfileRun",
    "--profilingVerbosity=detailed",
    `--iterations=${runs}`,
    `--exportProfile=${shellWord(writes)}`,
    `--exportLayerInfo=${shellWord(`${base}.trt-layers.json`)}`,
    `--exportTimes=${shellWord(`${base}.trt-times.json`)}`,
  ];
  const isOpen = model.bindings.size > 0;
  const isKnown = model.inputs.every(({ dims }) => dims.every((size) => size !== null));
  if (isOpen && isKnown && model.inputs.length > 0) {
    // trtexec wants quotes of its own around names that hold its separators.
    const shapes = model.inputs.map(({ name, dims }) => {
      return `${/[:,]/.test(name) ? `'${name}'` : name}:${dims.length === 0 ? "scalar" : dims.join("x")}`;
    });
    parts.push(`--shapes=${shellWord(shapes.join(","))}`);
  }
  return {
    id: "trtexec",
    title: "TensorRT's trtexec",
    note: "Leave out --fp16 for single precision. Drop all three files together: the layers tell which ops TensorRT has fused.",
    language: "sh",
    text: parts.join(" \\\n  "),
    writes,
  };
}

/**
 * Commands that profile a model on another machine, ready to copy: ours, a script for Python's onnxruntime, and one
 * for trtexec. Names out of the model are quoted for the shell and for Python. O(inputs).
 */
export function profilingCommands(model: CommandModel, options: CommandOptions = {}): readonly ProfilingCommand[] {
  return [splitscope(model, options), python(model, options), trtexec(model, options)];
}
