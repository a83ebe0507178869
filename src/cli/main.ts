#!/usr/bin/env node
import { runCli } from "./run-cli.ts";

// A reader that has seen enough (`| head`) closes the pipe: no failure of ours.
process.stdout.on("error", (reason: NodeJS.ErrnoException) => {
  if (reason.code !== "EPIPE") throw reason;
});

const CLEAR_LINE = "\r\x1b[K";

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  ...(process.stderr.isTTY ? { progress: (line: string) => process.stderr.write(`${CLEAR_LINE}${line}`) } : {}),
});
