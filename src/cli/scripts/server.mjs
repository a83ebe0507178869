import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, resolve, sep } from "node:path";
import { CONTENT_SECURITY_POLICY, ISOLATION_HEADERS } from "./headers.mjs";

const TYPES = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".mjs", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".json", "application/json; charset=utf-8"],
  [".txt", "text/plain; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".ico", "image/x-icon"],
  [".wasm", "application/wasm"],
  [".woff2", "font/woff2"],
]);
const OTHER_TYPE = "application/octet-stream";

/**
 * The file of `folder` that an address names, or null where it names none or leaves the folder.
 * @param {string} folder
 * @param {string} address path and query of a request
 * @returns {{ path: string, size: number } | null}
 */
export function fileFor(folder, address) {
  const root = resolve(folder);
  let name;
  try {
    name = decodeURIComponent(address.replace(/[?#].*$/, ""));
  } catch {
    return null;
  }
  if (name.includes("\0")) return null;
  const path = resolve(root, `.${name.endsWith("/") ? `${name}index.html` : name}`);
  if (!path.startsWith(root + sep)) return null;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? { path, size: stats.size } : null;
}

/** @param {string} path */
const contentType = (path) => TYPES.get(extname(path).toLowerCase()) ?? OTHER_TYPE;

/**
 * Answers GET and HEAD by the files of a folder.
 * @param {string} folder
 */
function staticServer(folder) {
  return createServer((request, response) => {
    const plain = { ...ISOLATION_HEADERS, "X-Content-Type-Options": "nosniff", "Content-Type": "text/plain" };
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { ...plain, Allow: "GET, HEAD" }).end("Only GET and HEAD are answered.\n");
      return;
    }
    const file = fileFor(folder, request.url ?? "/");
    if (file === null) {
      response.writeHead(404, plain).end("There is no such file.\n");
      return;
    }
    // Built files carry a digest in their name; everything else may change with the next build.
    const isImmutable = /[/\\]assets[/\\]/.test(file.path);
    response.writeHead(200, {
      ...plain,
      "Content-Type": contentType(file.path),
      "Content-Length": file.size,
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const stream = createReadStream(file.path);
    stream.on("error", () => response.destroy());
    stream.pipe(response);
  });
}

/**
 * Serves a folder on 127.0.0.1, at `port` or the next free one of the twenty after it; resolves with the port in use.
 * @param {string} folder
 * @param {number} port
 * @param {number} [tries]
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export function serveFolder(folder, port, tries = 20) {
  return new Promise((resolve, reject) => {
    const server = staticServer(folder);
    server.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== "EADDRINUSE" || tries <= 0) reject(error);
      else resolve(serveFolder(folder, port + 1, tries - 1));
    });
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
      resolve({ port: address.port, close: () => server.close() });
    });
  });
}
