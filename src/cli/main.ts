#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { SIGNALS } from "./interruption.ts";
import { runCli } from "./run-cli.ts";

// A reader that has seen enough (`| head`) closes the pipe: no failure of ours.
process.stdout.on("error", (reason: NodeJS.ErrnoException) => {
  if (reason.code !== "EPIPE") throw reason;
});

const CLEAR_LINE = "\r\x1b[K";

/** Raised by the first Ctrl+C once somebody asks for it, so that a server ends in order; the second ends the process. */
function interruption(): AbortSignal {
  const ending = new AbortController();
  for (const signal of SIGNALS) process.once(signal, () => ending.abort());
  return ending.signal;
}

process.exitCode = await runCli(process.argv.slice(2), {
  interruption,
  program: fileURLToPath(import.meta.url),
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  ...(process.stderr.isTTY ? { progress: (line: string) => process.stderr.write(`${CLEAR_LINE}${line}`) } : {}),
});
