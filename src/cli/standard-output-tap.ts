import fs from "node:fs";
import type { PrintTap } from "../engine/profiling-web.ts";

const STANDARD_OUTPUT = 1;

/**
 * The tap for Node, where the WASM runtime writes to standard output past `console.log`. Whoever writes there while
 * it is on is taken for the runtime, so it is on only while a trace is printed, in one synchronous call.
 */
export function standardOutputTap(): PrintTap {
  const writeSync = fs.writeSync;
  let rest = "";
  return (take) => {
    rest = "";
    if (take === null) {
      Object.assign(fs, { writeSync });
      return;
    }
    const divert = (descriptor: number, data: string, ...more: never[]): number => {
      if (descriptor !== STANDARD_OUTPUT) return writeSync(descriptor, data, ...more);
      const lines = (rest + data).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
      return Buffer.byteLength(data);
    };
    Object.assign(fs, { writeSync: divert });
  };
}
