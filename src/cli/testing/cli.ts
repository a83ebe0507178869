import { fileURLToPath } from "node:url";
import { runCli } from "../run-cli.ts";

/** File of the program, for commands that start others of it. */
export const PROGRAM: string = fileURLToPath(new URL("../scripts/splitscope.mjs", import.meta.url));

/** Runs the command line in this process; gives its exit code and what it wrote. */
export async function cli(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const written = { out: "", error: "" };
  const code = await runCli(args, {
    program: PROGRAM,
    out: (text) => {
      written.out += text;
    },
    error: (text) => {
      written.error += text;
    },
  });
  return { code, ...written };
}

/** The report of a run that must succeed without a word on standard error. */
export async function cliJson(...args: string[]) {
  const { code, out, error } = await cli(...args, "--json");
  if (code !== 0 || error !== "") throw new Error(`"${args.join(" ")}" ended with ${code} and "${error}"`);
  return JSON.parse(out);
}

/** The sentence of a run that must fail as bad input: one line, nothing else. */
export async function cliSentence(...args: string[]): Promise<string> {
  const { code, out, error } = await cli(...args);
  if (code !== 2 || out !== "" || !/^[^\n]+\.\n$/.test(error)) {
    throw new Error(`"${args.join(" ")}" ended with ${code}, "${out}" and "${error}"; expected 2 and a sentence`);
  }
  return error.trimEnd();
}
