// The command line from a clone: installs and builds what is missing, silently, then runs it in this process.

import { pathToFileURL } from "node:url";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";

await ensureInstalled();
await ensureBuilt("cli", { quiet: true });
// npm runs scripts in the project's folder; file names are meant from where the user stands.
if (process.env["INIT_CWD"] !== undefined) process.chdir(process.env["INIT_CWD"]);
await import(pathToFileURL(inRoot("dist/cli/splitscope.mjs")).href);
