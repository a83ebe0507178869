import { parseArgs } from "node:util";
import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { inRoot } from "./paths.mjs";
import { say } from "./run.mjs";
import { serveFolder } from "./server.mjs";

const USAGE = `npm start [-- --port N]
Installs what is missing, builds what has changed and serves the app on 127.0.0.1.
--port N   first port to try (default 5180); the next free one is taken where it is in use, unless --strict-port
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: process.env["PORT"] ?? "5180" },
    "strict-port": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const port = Number(values.port);
if (values.help) {
  process.stdout.write(USAGE);
} else if (!Number.isInteger(port) || port < 0 || port > 65535) {
  say(`The port is "${values.port}"; expected a whole number from 0 to 65535.`);
  process.exitCode = 2;
} else {
  await ensureInstalled();
  await ensureBuilt("app");
  const server = await serveFolder(inRoot("dist/app"), port, values["strict-port"] ? 0 : 20);
  process.stdout.write(`Splitscope is at http://127.0.0.1:${server.port}/ (stop with Ctrl+C)\n`);
}
