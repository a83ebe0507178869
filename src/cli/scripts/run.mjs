import { spawn } from "node:child_process";
import { inRoot, ROOT } from "./paths.mjs";

/**
 * Runs a command to its end and resolves with its exit code (127 where it cannot be started).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ output?: "inherit" | "stderr" | "ignore", env?: Record<string, string> }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { output = "inherit", env = {} } = {}) {
  /** @type {import("node:child_process").StdioOptions} */
  const stdio = output === "ignore" ? "ignore" : ["inherit", output === "stderr" ? 2 : "inherit", "inherit"];
  return new Promise((resolve) => {
    const onWindows = process.platform === "win32";
    const child = spawn(command, args, { cwd: ROOT, stdio, env: { ...process.env, ...env }, shell: onWindows });
    child.on("error", () => resolve(127));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/**
 * Runs a tool of node_modules.
 * @param {string} tool
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export const runTool = (tool, args, options) => run(inRoot("node_modules/.bin", tool), args, options);

/**
 * Says one line about what a script does, on standard error, so that standard output stays free.
 * @param {string} text
 */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
