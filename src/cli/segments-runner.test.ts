import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, connect as openSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readNpy } from "../core/onnx/tensor-files/npy.ts";
import { unwrap } from "../core/result.ts";
import { ModelBuilder } from "../core/testing/model-builder.ts";
import { cli } from "./testing/cli.ts";

const PYTHON = "/usr/bin/python3";
const imports = (name: string) => spawnSync(PYTHON, ["-c", `import ${name}`], { stdio: "ignore" }).status === 0;
const hasNumpy = imports("numpy");
const hasRuntime = hasNumpy && imports("onnxruntime");
if (!hasNumpy) console.log(`runner: not run, ${PYTHON} has no numpy`);
else if (!hasRuntime) console.log(`runner: run with a stub in place of onnxruntime, which ${PYTHON} does not have`);

/**
 * In place of ONNX Runtime: every output of a segment is filled with the mean of its inputs' means, plus 1. What the
 * interface promises of a segment (names, types, shapes) it takes from the manifest.
 */
const STUB = `
import json, os
import numpy

class SessionOptions:
    pass

class GraphOptimizationLevel:
    ORT_DISABLE_ALL = 0

class InferenceSession:
    def __init__(self, path, options, providers):
        assert providers == ["CPUExecutionProvider"], providers
        manifest = json.load(open(os.path.join(os.path.dirname(path), "manifest.json")))
        self.stage = next(s for s in manifest["stages"] if s["file"] == os.path.basename(path))

    def run(self, outputs, feeds):
        assert sorted(feeds) == sorted(i["name"] for i in self.stage["inputs"]), feeds
        value = 1 + sum(float(a.astype("float64").mean()) for a in feeds.values()) / len(feeds)
        types = {"float": "float32", "float16": "float16"}
        by_name = {o["name"]: o for o in self.stage["outputs"]}
        return [numpy.full(by_name[o]["shape"], value, types[by_name[o]["elementType"]]) for o in outputs]
`;

/** x -> a -> b -> c -> y, where y reads a too and b is an output: a passes stage 1, b passes stage 2. */
function skipModel(): Uint8Array {
  const net = new ModelBuilder({ name: "skip" });
  const a = net.node("Relu", [net.input("x", "float", [2, 3])], { name: "first", outputs: ["a"] });
  const b = net.node("Neg", [a], { name: "second", outputs: ["b"] });
  const c = net.node("Exp", [b], { name: "third", outputs: ["c"] });
  const y = net.node("Add", [c, a], { name: "fourth", outputs: ["y"] });
  return net.output(y, "float", [2, 3]).output(b, "float", [2, 3]).bytes();
}

let folder = "";
const path = (name: string) => join(folder, name);
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

async function exported(name: string, cut: "as-stored" | "f16"): Promise<void> {
  const model = path("skip.onnx");
  expect(await cli("plan", model, "--out", path("any.json"))).toMatchObject({ code: 0 });
  const plan = JSON.parse(readFileSync(path("any.json"), "utf8"));
  const devices = plan.rig.devices.map(({ id }: { id: string }) => id);
  const names = [["first"], ["second"], ["third", "fourth"]];
  const stages = names.map((ops, stage) => ({
    device: devices[stage],
    ops: ops.map((op) => ({ name: op, index: 0 })),
  }));
  const encoding = { ...plan.encoding, cut };
  writeFileSync(path("plan.json"), JSON.stringify({ ...plan, encoding, assignment: { stages } }));
  const args = ["export", model, "--plan", path("plan.json"), "--format", "segments", "--out", path(name)];
  expect(await cli(...args)).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-runner-"));
  writeFileSync(path("skip.onnx"), skipModel());
  mkdirSync(path("stub"));
  if (!hasRuntime) writeFileSync(path("stub/onnxruntime.py"), STUB);
  await exported("plain", "as-stored");
  await exported("halves", "f16");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Program {
  readonly line: Promise<string>;
  readonly end: Promise<{ code: number | null; out: string; error: string }>;
}

function program(set: string, ...args: string[]): Program {
  const env = { ...process.env, PYTHONPATH: path("stub"), PYTHONDONTWRITEBYTECODE: "1" };
  const child = spawn(PYTHON, [path(`${set}/run.py`), ...args], { env });
  children.push(child);
  let [out, error] = ["", ""];
  child.stderr.on("data", (data) => {
    error += data;
  });
  return {
    line: new Promise((resolve) => {
      child.stdout.on("data", (data) => {
        out += data;
        if (out.includes("\n")) resolve(out);
      });
      child.once("exit", () => resolve(out));
    }),
    end: new Promise((resolve) => child.once("exit", (code) => resolve({ code, out, error }))),
  };
}

const portOf = async ({ line }: Program) => Number(/:(\d+)\n/.exec(await line)?.[1]);

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const found = server.address();
      server.close(() => resolve(typeof found === "object" ? (found?.port ?? 0) : 0));
    });
  });

/** Servers of all three stages, the last first, since each names the next. */
async function pipeline(set: string, client: number) {
  const servers: Program[] = [];
  let next = client;
  for (const stage of [2, 1, 0]) {
    const server = program(set, "serve", String(stage), "--next", `127.0.0.1:${next}`, "--once");
    next = await portOf(server);
    servers.unshift(server);
  }
  return { servers, first: next };
}

describe.skipIf(!hasNumpy)("the runner in Python", () => {
  test.each(["plain", "halves"])("%s: frames go through three stages, relayed tensors too", async (set) => {
    const port = await freePort();
    const { servers, first } = await pipeline(set, port);
    const args = [
      "--first",
      `127.0.0.1:${first}`,
      "--port",
      String(port),
      "--frames",
      "20",
      "--out",
      path(`${set}.out`),
    ];
    const { code, out, error } = await program(set, "client", ...args).end;
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse(out.trim().split("\n").at(-1) ?? "");
    expect(report).toMatchObject({ frames: 20 });
    expect(report.medianLatencySeconds).toBeGreaterThan(0);
    for (const { end } of servers) {
      const ended = await end;
      expect(ended).toMatchObject({ code: 0, error: "" });
      expect(ended.out).toMatch(/stage \d: 20 frames, [\d.]+ ms each/);
    }
    const output = (position: number) => {
      const name = `output_${position}.npy`;
      return unwrap(readNpy(readFileSync(path(`${set}.out/${name}`)), name));
    };
    const [y, b] = [output(0), output(1)];
    expect(y).toMatchObject({ elementType: "float", dims: [2, 3] });
    if (hasRuntime) return;
    // b = mean(x) + 2, y = (mean of a and b) + 1 = mean(x) + 2.5.
    expect(Number(y.data[0]) - Number(b.data[0])).toBeCloseTo(0.5, 2);
  });

  test("checks its files, and refuses one that was changed", async () => {
    expect(await program("plain", "check").end).toMatchObject({
      code: 0,
      out: expect.stringContaining("3 files are as"),
    });
    appendFileSync(path("halves/skip.stage1.onnx"), "x");
    expect(await program("halves", "serve", "1", "--next", "127.0.0.1:1").end).toMatchObject({
      code: 2,
      error: "run.py: skip.stage1.onnx is not the file that manifest.json lists: its size or SHA-256 differs.\n",
    });
  });

  test("bad arguments have a sentence", async () => {
    const error = async (...args: string[]) => (await program("plain", ...args).end).error;
    expect(await error("serve", "7", "--next", "127.0.0.1:1")).toBe(
      "run.py: There is no stage 7; the last one is 2.\n",
    );
    expect(await error("serve", "1", "--next", "nowhere")).toContain("is no address; expected HOST:PORT");
    expect(await error("client", "--first", "127.0.0.1:1", "--input", "z=a.npy")).toContain("no input 'z'");
  });

  test.each<[string, object, string]>([
    ["another tensor", { name: "z", dtype: "float32", shape: [2, 3] }, "holds the tensor 'z'; expected x"],
    ["another shape", { name: "x", dtype: "float32", shape: [1 << 20, 1 << 20] }, "expected float32 [2, 3]"],
    ["another type", { name: "x", dtype: "object", shape: [2, 3] }, "expected float32 [2, 3]"],
  ])("a message with %s is refused before memory is taken for it", async (_, tensor, sentence) => {
    const port = await freePort();
    const sink = createServer().listen(port, "127.0.0.1");
    const server = program("plain", "serve", "0", "--next", `127.0.0.1:${port}`, "--once");
    const socket = openSocket(await portOf(server), "127.0.0.1");
    socket.on("error", () => undefined);
    const header = Buffer.from(JSON.stringify({ frame: 0, tensors: [tensor] }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.length);
    socket.end(Buffer.concat([length, header]));
    const { code, error } = await server.end;
    sink.close();
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining(sentence) });
  });
});
