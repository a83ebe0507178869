import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { PipelineStage } from "../core/export/pipeline.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { RunOptions } from "./serving-arguments.ts";

export interface LocalServers {
  /** Address of the server of each stage that holds ops, by the stage's number. */
  readonly urls: ReadonlyMap<number, URL>;
  /** Runtime of the servers, as they call it. */
  readonly runtime: string;
  /** Ends the processes; resolves when all are gone. */
  stop(): Promise<void>;
}

/** How long a server may take to load its model. */
const START_MS = 5 * 60 * 1000;
/** How long a server may take to end by itself. */
const END_MS = 3000;

interface Started {
  readonly url: URL;
  readonly runtime: string;
}

/** The first line that a server prints, or why there is none. */
function announcement(child: ChildProcess, stage: number): Promise<Result<Started>> {
  return new Promise((resolve) => {
    let complaint = "";
    child.stderr?.on("data", (text: Buffer) => {
      complaint += text.toString();
    });
    const fail = (why: string) => resolve(err(`The server of stage ${stage} ${why}`));
    const timer = setTimeout(() => fail(`has not started within ${START_MS / 6e4} minutes.`), START_MS);
    child.on("error", (reason) => fail(`cannot be started: ${reason.message}.`));
    child.on("close", (code) => {
      clearTimeout(timer);
      const said = complaint.trim().split("\n").at(-1) ?? "";
      fail(said === "" ? `ended with code ${code ?? "none"} before it answered.` : `ended: ${said}`);
    });
    if (child.stdout === null) throw new Error("the server's output is a pipe");
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      try {
        const { url, runtime } = JSON.parse(line);
        resolve(ok({ url: new URL(url), runtime: String(runtime) }));
      } catch {
        fail(`says "${line}"; expected its address.`);
      }
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    child.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    // Its standard input ends: the server does too, as it would if this process were killed.
    child.stdin?.end();
  });
}

/**
 * Starts a server process for each stage, on loopback, over the models in `folder`. The processes end with this one,
 * however it ends. Errors: a server that does not start, in its own words; the others are ended then.
 */
export async function startLocalServers(
  stages: readonly PipelineStage[],
  folder: string,
  program: string,
  { runtime, threads, level }: Pick<RunOptions, "runtime" | "threads" | "level">,
): Promise<Result<LocalServers>> {
  const held = stages.flatMap(({ stage, segment }) =>
    segment === null ? [] : [{ stage, fileName: segment.fileName }],
  );
  const flags = ["--port", "0", "--until-eof", "--json", "--threads", String(threads), "--level", level];
  const children = held.map(({ fileName }) =>
    spawn(
      process.execPath,
      [program, "serve", join(folder, fileName), ...flags, ...(runtime === null ? [] : ["--runtime", runtime])],
      { stdio: ["pipe", "pipe", "pipe"] },
    ),
  );
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  const started = await Promise.all(children.map((child, i) => announcement(child, held[i]?.stage ?? i)));
  const urls = new Map<number, URL>();
  let name = "";
  for (const [i, result] of started.entries()) {
    if (!result.ok) {
      await stop();
      return result;
    }
    urls.set(held[i]?.stage ?? i, result.value.url);
    name = result.value.runtime;
  }
  return ok({ urls, runtime: name, stop });
}
