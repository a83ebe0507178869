import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainModel } from "../core/testing/models.ts";
import { HEADER_LENGTH } from "../engine/serving/protocol.ts";
import { runCli } from "./run-cli.ts";
import { StageClient } from "./stage-client.ts";
import { cli, cliSentence, PROGRAM } from "./testing/cli.ts";

const PYTHON = "/usr/bin/python3";
const run = promisify(execFile);

let folder = "";
const temporary = process.env["TMPDIR"];
const path = (name: string) => join(folder, name);
const ending = new AbortController();
const serving: Promise<number>[] = [];

/** Serves models in this process until the tests end; gives the address. */
function serve(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const served = runCli(["serve", ...args, "--port", "0", "--json"], {
      interruption: () => ending.signal,
      out: (text) => resolve(JSON.parse(text).url),
      error: (text) => reject(new Error(text)),
    });
    serving.push(served);
  });
}

const stage = (number: number) => path(`stages/chain.stage${number}.onnx`);
let [pi, jetson, whole] = ["", "", ""];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-serving-"));
  // What runs leave behind is looked for where no other test runs.
  process.env["TMPDIR"] = folder;
  writeFileSync(path("chain.onnx"), chainModel(8));
  const report = await cli("inspect", path("chain.onnx"), "--json");
  const names = JSON.parse(report.out).ops.map(({ name }: { name: string }) => name);
  const stages = [
    { device: "raspberry-pi-4", ops: names.slice(0, 3) },
    { device: "jetson-nano", ops: names.slice(3) },
  ];
  writeFileSync(path("plan.json"), JSON.stringify({ stages }));
  const made = await cli(
    "export",
    path("chain.onnx"),
    "--plan",
    path("plan.json"),
    "--format",
    "segments",
    "--out",
    path("stages"),
  );
  expect(made).toMatchObject({ code: 0, error: "" });
  // Both builds of the runtime: the native one where it is installed, and WASM.
  pi = await serve(stage(0));
  jetson = await serve(stage(1), "--runtime", "web");
  whole = await serve(path("chain.onnx"));
});
afterAll(async () => {
  ending.abort();
  expect(await Promise.all(serving)).toEqual(serving.map(() => 0));
  if (temporary === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporary;
  rmSync(folder, { recursive: true });
});

const ask = async (address: string, init?: RequestInit) => {
  const response = await fetch(address, init);
  return { status: response.status, body: await response.json() };
};

describe("serve", () => {
  test("health, server and model", async () => {
    expect(await ask(`${pi}/v2/health/ready`)).toEqual({ status: 200, body: { ready: true } });
    expect((await ask(`${pi}/v2`)).body.extensions).toEqual(["binary_tensor_data"]);
    const model = await ask(`${pi}/v2/models/chain_stage0/versions/1`);
    expect(model.body).toMatchObject({
      name: "chain_stage0",
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 2, 6, 6] }],
    });
    expect((await ask(`${pi}/v2/models/chain_stage0/ready`)).status).toBe(200);
  });

  test("inference by JSON alone", async () => {
    const x = { name: "x", datatype: "FP32", shape: [1, 2, 6, 6], data: new Array(72).fill(0.5) };
    const made = await ask(`${pi}/v2/models/chain_stage0/infer`, {
      method: "POST",
      body: JSON.stringify({ id: "7", inputs: [x] }),
    });
    expect(made.status).toBe(200);
    expect(made.body).toMatchObject({ model_name: "chain_stage0", id: "7", outputs: [{ datatype: "FP32" }] });
    expect(made.body.outputs[0].data).toHaveLength(
      made.body.outputs[0].shape.reduce((a: number, b: number) => a * b, 1),
    );
  });

  test("what is wrong is a sentence", async () => {
    const post = (body: unknown) =>
      ask(`${pi}/v2/models/chain_stage0/infer`, { method: "POST", body: JSON.stringify(body) });
    const data = new Array(72).fill(0.5);
    expect((await ask(`${pi}/v2/models/other`)).body.error).toBe(
      'There is no model "other" here; there is "chain_stage0".',
    );
    expect((await ask(`${pi}/v1`)).status).toBe(404);
    expect((await ask(`${pi}/v2/models/chain_stage0/infer`)).status).toBe(405);
    expect(await post({ inputs: [] })).toEqual({
      status: 400,
      body: { error: 'The input "x" is missing; expected "x".' },
    });
    expect((await post({ inputs: [{ name: "z", datatype: "FP32", shape: [72], data }] })).body.error).toContain(
      'no input "z"',
    );
    expect((await post({ inputs: [{ name: "x", datatype: "FP32", shape: [72], data }] })).body.error).toBe(
      'The input "x" is FP32 [72]; expected FP32 [1, 2, 6, 6].',
    );
    const x = { name: "x", datatype: "FP32", shape: [1, 2, 6, 6], data };
    expect((await post({ inputs: [x], outputs: [{ name: "nothing" }] })).body.error).toContain('no output "nothing"');
    expect((await ask(`${pi}/v2/models/chain_stage0/infer`, { method: "POST", body: "<html>" })).status).toBe(400);
    expect(await post({ inputs: [x, x] })).toEqual({
      status: 400,
      body: { error: 'The input "x" is given twice; expected it once.' },
    });
    const headers = { [HEADER_LENGTH]: "abc" };
    const odd = await ask(`${pi}/v2/models/chain_stage0/infer`, { method: "POST", body: "{}", headers });
    expect(odd.status).toBe(400);
    expect(odd.body.error).toContain('Inference-Header-Content-Length is "abc"; expected');
    for (const action of ["", "/ready", "/infer"]) {
      expect(await ask(`${pi}/v2/models/chain_stage0/versions/7${action}`)).toEqual({
        status: 404,
        body: { error: 'There is no version "7" of the model "chain_stage0"; there is "1".' },
      });
    }
  });

  test("an output that JSON would alter is refused, and goes as bytes", async () => {
    const huge = { name: "x", datatype: "FP32", shape: [1, 2, 6, 6], data: new Array(72).fill(3e38) };
    const post = (request: object) =>
      fetch(`${whole}/v2/models/chain/infer`, { method: "POST", body: JSON.stringify({ inputs: [huge], ...request }) });
    const refused = await post({});
    expect(refused.status).toBe(400);
    expect((await refused.json()).error).toMatch(
      /^Output "y" of FP32 holds (NaN|-?Infinity), which JSON does not keep; ask for it as bytes, /,
    );
    const outputs = [{ name: "y", parameters: { binary_data: true } }];
    expect((await post({ outputs })).headers.get(HEADER_LENGTH)).toMatch(/^\d+$/);
  });

  test("bad input", async () => {
    expect(await cliSentence("serve")).toContain('"splitscope serve" needs a model file');
    expect(await cliSentence("serve", path("no.onnx"))).toContain("does not exist");
    expect(await cliSentence("serve", path("plan.json"), "--port", "0")).toContain("plan.json");
    expect(await cliSentence("serve", stage(0), "--port", "70000")).toContain("--port");
    expect(await cliSentence("serve", stage(0), "--port", new URL(pi).port)).toContain("is taken");
    expect(await cliSentence("serve", stage(0), stage(0), "--port", "0")).toContain('as "chain_stage0"');
    for (const name of ["", ".", ".."])
      expect(await cliSentence("serve", stage(0), "--name", name)).toContain(`--name is "${name}", which no address`);
    copyFileSync(stage(0), path(".onnx"));
    expect(await cliSentence("serve", path(".onnx"), "--port", "0")).toContain("has no name before its ending");
  });
});

const at = (...servers: readonly string[]) => servers.flatMap((server) => ["--at", server]);
const running = (...args: readonly string[]) => ["run", path("chain.onnx"), "--plan", path("plan.json"), ...args];

describe("run on servers that are there", () => {
  test("measures beside the prediction, and compares the outputs", async () => {
    const { code, out, error } = await cli(
      ...running(...at(`raspberry-pi-4=${pi}`, `jetson-nano=${jetson}`), "--frames", "6", "--json"),
    );
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse(out);
    expect(report.outputs).toMatchObject({ differences: [{ name: "y" }] });
    expect(["bit-equal", "close"]).toContain(report.outputs.verdict);
    expect(report.frames).toEqual({ alone: 6, stream: 6, inFlight: 4 });
    for (const figure of [report.latency, report.period, report.withMeasuredStages.latency]) {
      expect(figure.measured).toBeGreaterThan(0);
      expect(figure.error).toBeCloseTo(figure.measured / figure.predicted - 1, 9);
    }
    // 3 channels of 6 x 6 floats.
    expect(report.transfers).toMatchObject([
      { from: "raspberry-pi-4", to: "jetson-nano", bytes: { predicted: 432, measured: 432, error: 0 } },
      { to: "gpu-server" },
    ]);
    expect(report.stages.map(({ server }: { server: string }) => server)).toEqual([`${pi}/`, `${jetson}/`]);
    expect(report.notes.join(" ")).toContain("go through this machine");
  });

  test("a server that is down, of another model, or that is none: a sentence", async () => {
    const down = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => down.once("listening", resolve));
    const { port } = down.address() as AddressInfo;
    await new Promise((resolve) => down.close(resolve));
    const first = `raspberry-pi-4=${pi}`;
    expect(await cliSentence(...running(...at(first, `jetson-nano=http://127.0.0.1:${port}`)))).toBe(
      `Device "jetson-nano" at http://127.0.0.1:${port}/ does not answer (ECONNREFUSED).`,
    );
    expect(await cliSentence(...running(...at(first, `jetson-nano=${pi}`)))).toContain(
      'has no model "chain_stage1"; expected stage 1',
    );
    const wrong = await serve(stage(0), "--name", "chain_stage1");
    expect(await cliSentence(...running(...at(first, `jetson-nano=${wrong}`)))).toMatch(
      /has no input ".+" \(it has "x"\): it is not stage 1 of this plan\.$/,
    );
    const odd = createServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await new Promise((resolve) => odd.once("listening", resolve));
    const { port: oddPort } = odd.address() as AddressInfo;
    expect(await cliSentence(...running(...at(first, `jetson-nano=http://127.0.0.1:${oddPort}`)))).toContain(
      "expected a server of the Open Inference Protocol",
    );
    odd.close();
  });

  test("what a server says wrongly is one line", async () => {
    const words = `no\r\n  memory\u001b[1m ${"x".repeat(300)}`;
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(500).end(JSON.stringify({ error: words })),
      (response) => response.writeHead(503).end(JSON.stringify({ error: " " })),
      (response) => response.writeHead(200, { [HEADER_LENGTH]: "abc" }).end("{}"),
    ];
    const odd = createServer((_, response) => answers.shift()?.(response)).listen(0, "127.0.0.1");
    await new Promise((resolve) => odd.once("listening", resolve));
    const { port } = odd.address() as AddressInfo;
    const client = new StageClient("a", new URL(`http://127.0.0.1:${port}`));
    const refusal = `Device "a" at http://127.0.0.1:${port}/ refuses "m": `;
    const first = await client.infer("m", [], []);
    expect(first).toMatchObject({ error: expect.stringMatching(/ refuses "m": no memory \[1m x{100,}\.\.\.$/) });
    if (!first.ok) expect(first.error.length).toBeLessThan(refusal.length + 210);
    expect(await client.infer("m", [], [])).toMatchObject({ error: `${refusal}HTTP 503.` });
    expect(await client.infer("m", [], [])).toMatchObject({
      error: expect.stringContaining('Inference-Header-Content-Length is "abc"; expected a whole number'),
    });
    client.close();
    odd.close();
  });

  test("a user and a password are sent, never printed", async () => {
    const seen: (string | undefined)[] = [];
    const guarded = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => guarded.once("listening", resolve));
    const { port } = guarded.address() as AddressInfo;
    const given = (address: string) => cliSentence(...running(...at(`raspberry-pi-4=${address}`, `jetson-nano=${pi}`)));
    expect(await given(`http://us%C3%A9r:p%40ss@127.0.0.1:${port}`)).toContain(
      `Device "raspberry-pi-4" at http://127.0.0.1:${port}/ has no model`,
    );
    expect(seen).toEqual([`Basic ${Buffer.from("usér:p@ss").toString("base64")}`]);
    guarded.close();
    expect(await given("http://user:p@ss@host:99999")).toBe(
      '--at gives "raspberry-pi-4" the address "http://host:99999"; expected http://HOST:PORT.',
    );
    expect(await given("user:pass@host")).toContain('the address "host"; expected');
    for (const bare of [
      "http://user:pass@host",
      "http://user:pass@host/?a=b",
      "user:pass@host",
      "=http://user:pass@host",
    ]) {
      const sentence = await cliSentence(...running(...at(bare)));
      expect(sentence).toContain("expected DEVICE=http://HOST:PORT");
      expect(sentence).not.toMatch(/user|pass/);
    }
  });

  test("bad input", async () => {
    for (const end of ["?a=b", "#a"]) {
      expect(await cliSentence(...running(...at(`raspberry-pi-4=http://user:pass@host/${end}`)))).toBe(
        `--at gives "raspberry-pi-4" the address "http://host/${end}"; expected http://HOST:PORT without a query ("?") or a fragment ("#").`,
      );
    }
    expect(await cliSentence(...running())).toContain("either --local or --at");
    expect(await cliSentence(...running("--local", ...at(`a=${pi}`)))).toContain("either --local or --at");
    expect(await cliSentence(...running(...at(`raspberry-pi-4=${pi}`)))).toContain(
      'device "jetson-nano", for which no server is named',
    );
    expect(await cliSentence(...running(...at(`raspberry-pi-4=${pi}`, `jetson-nano=${pi}`, `camera=${pi}`)))).toContain(
      '"camera", which the plan does not use',
    );
    expect(await cliSentence(...running(...at("raspberry-pi-4=somewhere")))).toContain("expected http://HOST:PORT");
    expect(await cliSentence("run", path("chain.onnx"), "--local")).toContain("needs --plan FILE");
  });
});

const processes = (what: string) =>
  spawnSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.includes(what));

describe("run --local", () => {
  test("starts a server per stage, imitates links, leaves no process and no file", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("splitscope-run-"));
    const { code, out, error } = await cli(...running("--local", "--frames", "6", "--json"));
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const report = JSON.parse(out);
    expect(report.outputs.verdict).toBe("bit-equal");
    expect(report).toMatchObject({ shaped: true, frames: { alone: 6, stream: 6 } });
    for (const { seconds } of report.transfers) {
      // A busy machine is late, never early.
      expect(seconds.measured).toBeGreaterThanOrEqual(seconds.predicted * 0.99);
      expect(seconds.measured).toBeLessThan(seconds.predicted * 3 + 0.05);
    }
    expect(processes(join(folder, "splitscope-run-"))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("splitscope-run-"))).toEqual(before);
  });

  test("a server that cannot start is told in its words; the others end", async () => {
    const args = running("--local", "--runtime", "web");
    const { code, error } = await runFailing(args);
    expect(code).toBe(2);
    expect(error).toMatch(/^The server of stage \d .+\.\n$/);
    expect(processes(join(folder, "splitscope-run-"))).toEqual([]);
  });

  test("interrupted, or killed, it leaves no process", async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const child = spawn(process.execPath, [PROGRAM, ...running("--local", "--frames", "10000")], { stdio: "ignore" });
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      await until(() => processes(join(folder, "splitscope-run-")).length === 2);
      child.kill(signal);
      const code = await ended;
      if (signal === "SIGINT") expect(code).toBe(130);
      await until(() => processes(join(folder, "splitscope-run-")).length === 0);
    }
    for (const name of readdirSync(tmpdir())) {
      // A process that is killed has no chance to remove its files.
      if (name.startsWith("splitscope-run-")) rmSync(join(tmpdir(), name), { recursive: true });
    }
  });
});

/** Runs with a program that fails to serve. */
async function runFailing(args: readonly string[]) {
  writeFileSync(path("failing.mjs"), 'process.stderr.write("no memory here.\\n"); process.exit(2);');
  let error = "";
  const code = await runCli(args, {
    program: path("failing.mjs"),
    out: () => {},
    error: (text) => {
      error += text;
    },
  });
  return { code, error };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(holds()).toBe(true);
}

const hasNumpy = spawnSync(PYTHON, ["-c", "import numpy"]).status === 0;
if (!hasNumpy) console.log("python3 with numpy is not there: the client for Triton is not run");

describe("the client for Triton", () => {
  test.skipIf(!hasNumpy)("drives these servers as it would drive Triton's", async () => {
    const made = await cli(
      "export",
      path("chain.onnx"),
      "--plan",
      path("plan.json"),
      "--format",
      "triton",
      "--out",
      path("triton"),
    );
    expect(made).toMatchObject({ code: 0, error: "" });
    const models = ["models-raspberry-pi-4/chain_stage0", "models-jetson-nano/chain_stage1"].map((name) =>
      path(`triton/${name}/1/model.onnx`),
    );
    const [a, b] = await Promise.all(models.map((model, i) => serve(model, "--name", `chain_stage${i}`)));
    const client = [path("triton/client.py"), "--at", `raspberry-pi-4=${a}`, "--at", `jetson-nano=${b}`];
    const input = "import numpy, sys; numpy.save(sys.argv[1], numpy.full((1, 2, 6, 6), 0.25, numpy.float32))";
    execFileSync(PYTHON, ["-c", input, path("x.npy")]);
    const { stdout } = await run(PYTHON, [
      ...client,
      "--input",
      `x=${path("x.npy")}`,
      "--frames",
      "8",
      "--out",
      path("outputs"),
    ]);
    expect(stdout).toMatch(/latency {2}\d+\.\d\d ms/);
    expect(stdout).toMatch(/period {3}\d+\.\d\d ms, 4 frames in flight/);
    expect(stdout).toContain("output y: float32 [1, 5, 6, 6]");
    const x = { name: "x", datatype: "FP32", shape: [1, 2, 6, 6], data: new Array(72).fill(0.25) };
    const expected = (
      await ask(`${whole}/v2/models/chain/infer`, { method: "POST", body: JSON.stringify({ inputs: [x] }) })
    ).body.outputs[0].data;
    const file = readFileSync(path("outputs/output_0.npy"));
    const values = new Float32Array(new Uint8Array(file.subarray(128)).buffer);
    expect(values).toHaveLength(expected.length);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i], 5);
    const failing = await run(PYTHON, [...client.slice(0, 3)]).catch((reason) => reason);
    expect(failing).toMatchObject({
      code: 2,
      stderr: "No address is given for jetson-nano; expected --at DEVICE=http://HOST:PORT.\n",
    });
    const silent = await run(PYTHON, [
      ...client.slice(0, 3),
      "--at",
      "jetson-nano=http://127.0.0.1:9",
      "--wait",
      "0",
    ]).catch((reason) => reason);
    expect(silent).toMatchObject({ code: 2, stderr: expect.stringContaining('does not serve "chain_stage1"') });
  });
});
