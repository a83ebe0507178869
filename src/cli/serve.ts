import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { err, ok, type Result } from "../core/result.ts";
import { formatMemory } from "../core/units.ts";
import { HEADER_LENGTH } from "../engine/serving/protocol.ts";
import { answerRequest } from "../engine/serving/stage-server.ts";
import { type StageSession, stageSession } from "../engine/serving/stage-session.ts";
import type { Command } from "./arguments.ts";
import { servingBackend } from "./serving-backend.ts";
import { aligned } from "./text.ts";

type ServeCommand = Extract<Command, { kind: "serve" }>;

/** More than this in one request is no frame. */
const MOST_BODY_BYTES = 2 ** 31;
/** An idle connection is kept for a client that sends a frame now and then. */
const KEEP_ALIVE_MS = 10 * 60 * 1000;

/** What a server is called by: the file's name without its ending, as the exported servers are configured. */
function servedModelName(path: string): string {
  return basename(path)
    .replace(/\.onnx$/i, "")
    .replaceAll(/[^A-Za-z0-9_-]/g, "_");
}

/** The body, or null where it is larger than any frame. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes: Buffer = chunk;
    length += bytes.length;
    if (length > MOST_BODY_BYTES) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

async function respond(
  models: ReadonlyMap<string, StageSession>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) {
    response.writeHead(413).end();
    return;
  }
  const header = request.headers[HEADER_LENGTH];
  const { status, headers, chunks } = await answerRequest(models, {
    method: request.method ?? "GET",
    path: (request.url ?? "/").replace(/\?.*$/s, ""),
    headerLength: typeof header === "string" ? header : null,
    body,
  });
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  response.writeHead(status, { ...Object.fromEntries(headers), "content-length": length });
  for (const chunk of chunks) response.write(chunk);
  response.end();
}

/** Listens; errors: an address that is taken or not of this machine. */
function listen(server: Server, host: string, port: number): Promise<Result<AddressInfo>> {
  return new Promise((resolve) => {
    server.once("error", (reason: NodeJS.ErrnoException) => {
      const what =
        reason.code === "EADDRINUSE" ? "is taken" : `cannot be listened on (${reason.code ?? reason.message})`;
      resolve(err(`Port ${port} of ${host} ${what}; give another one by --port.`));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server has an address");
      resolve(ok(address));
    });
  });
}

/** Resolves when the signal is raised, or standard input ends where `untilEof` says so. */
function until(signal: AbortSignal | undefined, untilEof: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener("abort", () => resolve(), { once: true });
    if (!untilEof) return;
    process.stdin.on("end", () => resolve());
    process.stdin.on("error", () => resolve());
    process.stdin.resume();
  });
}

async function loadModels(command: ServeCommand): Promise<Result<{ name: string; models: Map<string, StageSession> }>> {
  const backend = await servingBackend({ kind: command.runtime, threads: command.threads, level: command.level });
  if (!backend.ok) return backend;
  const models = new Map<string, StageSession>();
  for (const path of command.models) {
    const name = command.name ?? servedModelName(path);
    if (name === "") return err(`"${path}" has no name before its ending; give one by --name.`);
    if (models.has(name)) return err(`Two models would be served as "${name}"; expected files of different names.`);
    const session = await backend.value.load(path);
    if (!session.ok) return session;
    const stage = await stageSession(name, session.value, backend.value.runtime);
    if (!stage.ok) return stage;
    models.set(name, stage.value);
  }
  return ok({ name: backend.value.name, models });
}

/**
 * `splitscope serve`: models over the Open Inference Protocol, until the signal is raised. `out` is told the address
 * once requests are answered.
 */
export async function runServe(
  command: ServeCommand,
  { out, signal }: { readonly out: (text: string) => void; readonly signal?: AbortSignal },
): Promise<Result<null>> {
  const loaded = await loadModels(command);
  if (!loaded.ok) return loaded;
  const { name: runtime, models } = loaded.value;
  const server = createServer((request, response) => {
    respond(models, request, response).catch((reason: unknown) => {
      // A client that goes away in the middle of its request is nobody to answer; the rest is a bug of ours.
      if (response.headersSent || request.destroyed) response.destroy();
      else response.writeHead(500).end(JSON.stringify({ error: `The server failed: ${String(reason)}` }));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const address = await listen(server, command.host, command.port);
  if (!address.ok) return address;
  const host = address.value.family === "IPv6" ? `[${address.value.address}]` : address.value.address;
  const url = `http://${host}:${address.value.port}`;
  out(
    command.json
      ? `${JSON.stringify({ url, runtime, models: [...models.keys()] })}\n`
      : serveText(url, runtime, models),
  );
  await until(signal, command.untilEof);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  for (const session of models.values()) await session.release();
  return ok(null);
}

function serveText(url: string, runtime: string, models: ReadonlyMap<string, StageSession>): string {
  const rows = [...models].map(([name, { inputs, outputs }]) => [
    name,
    `${inputs.map((input) => input.name).join(", ")} -> ${outputs.map((output) => output.name).join(", ")}`,
  ]);
  const memory = formatMemory(process.memoryUsage().rss);
  return `${url}, ${runtime}, ${memory}\n${aligned(rows)}Ctrl+C ends it.\n`;
}
