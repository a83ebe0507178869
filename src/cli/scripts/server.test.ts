import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fileFor, serveFolder } from "./server.mjs";

let folder = "";
let server: { port: number; close: () => void };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "splitscope-server-"));
  mkdirSync(join(folder, "app/assets"), { recursive: true });
  mkdirSync(join(folder, "app-secret"));
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "app-secret/key.txt"), "secret");
  writeFileSync(join(folder, "app/index.html"), "<p>hello</p>");
  writeFileSync(join(folder, "app/assets/a b.wasm"), new Uint8Array(5));
  writeFileSync(join(folder, "app/assets/x.js"), "1");
  server = await serveFolder(join(folder, "app"), 0);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Sends the path as it is, which fetch would tidy up first. */
function get(path: string, method = "GET"): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: server.port, path, method, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("serves the page isolated and with a policy that lets nothing out", async () => {
  const { status, headers, body } = await get("/?x=1");
  expect(status).toBe(200);
  expect(body).toBe("<p>hello</p>");
  expect(headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
  expect(headers["content-security-policy"]).toContain("default-src 'self'");
  expect(headers["cache-control"]).toBe("no-cache");
});

test("gives WASM and modules the types that browsers insist on", async () => {
  const wasm = await get("/assets/a%20b.wasm");
  expect(wasm.headers["content-type"]).toBe("application/wasm");
  expect(wasm.headers["content-length"]).toBe("5");
  expect(wasm.headers["cache-control"]).toContain("immutable");
  expect((await get("/assets/x.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

test("HEAD has no body, other methods are refused", async () => {
  expect(await get("/", "HEAD")).toMatchObject({ status: 200, body: "" });
  expect((await get("/", "POST")).status).toBe(405);
});

test.each([
  "/../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/../app-secret/key.txt",
  "/assets",
  "/none.js",
  "/%00",
  "/%",
  "//etc/passwd",
])("%s is not there", async (path) => {
  expect((await get(path)).status).toBe(404);
});

test("fileFor stays inside the folder", () => {
  expect(fileFor(join(folder, "app"), "/index.html")?.size).toBe(12);
  expect(fileFor(join(folder, "app"), "/../secret.txt")).toBeNull();
});

test("the next port is taken where one is in use, unless it must be this one", async () => {
  const second = await serveFolder(join(folder, "app"), server.port);
  expect(second.port).toBeGreaterThan(server.port);
  second.close();
  await expect(serveFolder(join(folder, "app"), server.port, 0)).rejects.toThrow("EADDRINUSE");
});
