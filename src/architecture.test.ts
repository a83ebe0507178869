import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** What a layer may import besides itself. */
interface Rule {
  readonly layers: readonly string[];
  readonly packages: readonly string[];
}

const RULES: ReadonlyMap<string, Rule> = new Map([
  ["core", { layers: [], packages: ["onnx-buf", "@bufbuild/protobuf"] }],
  [
    "engine",
    { layers: ["core"], packages: ["onnxruntime-web", "hash-wasm", "onnx-buf", "@bufbuild/protobuf", "highs"] },
  ],
  ["worker", { layers: ["core", "engine"], packages: [] }],
  ["state", { layers: ["core", "worker"], packages: ["zustand", "idb"] }],
  ["ui", { layers: ["core", "state"], packages: ["react", "react-dom", "zustand", "cytoscape", "recharts"] }],
  ["cli", { layers: ["core", "engine"], packages: ["node:"] }],
  ["main", { layers: ["core", "state", "ui"], packages: ["react", "react-dom"] }],
]);
/** Packages for the folders of one layer that read a notation of other programs. */
const FOLDER_PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([["core/plan/imports/", ["yaml"]]]);
/** Scripts that run the toolchain ask it for the browser's place, and seed its property tests. */
const SCRIPT_PACKAGES = ["node:", "@playwright/test", "fast-check"];
/** Tests also make files of their own, of formats that the product only reads. */
const TEST_PACKAGES = ["vitest", "fast-check", "@testing-library/react", "node:", "onnx-buf", "@bufbuild/protobuf"];

/** Samples are generated in the page by the model builder; all else under core/testing is for tests. */
const SAMPLES = "core/testing/samples/";
const MAX_LINES = 500;

/** What makes a result depend on more than its arguments, or ties code to one place to run. */
const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w$#])(window|document|navigator|globalThis|self|process|console|performance)\s*\./, "a global"],
  [/(?<![.\w$#])(localStorage|sessionStorage|indexedDB|crypto|Buffer)\s*\./, "a global"],
  [/(?<![.\w$#])(fetch|setTimeout|setInterval|queueMicrotask|requestAnimationFrame|require)\s*\(/, "a global"],
  [/(?<![.\w$#])location\s*\.\s*(href|hash|search|origin|reload|assign)\b/, "a global"],
  [/\bnew\s+(Worker|Blob|File|FileReader|Image|XMLHttpRequest|WebSocket)\b/, "a global"],
  [/\bnew\s+Date\b|(?<![.\w$#])Date\s*\.\s*now\b/, "the clock"],
  [/\bMath\s*\.\s*random\b/, "chance"],
  [/\bimport\s*\.\s*meta\b/, "its place"],
];

interface SourceFile {
  /** Relative to src, with "/". */
  readonly path: string;
  readonly text: string;
}

const isTest = (path: string) => /\.(test|bench)\.tsx?$/.test(path);
const layerOf = (path: string) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : path.replace(/\..*$/, ""));

const IMPORT_FORMS = [
  /^\s*(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
  /\bnew URL\(\s*["']([^"']+\.(?:tsx?|mjs)(?:\?[^"']*)?)["']\s*,\s*import\.meta\.url/g,
];

function importsOf(text: string): readonly string[] {
  return IMPORT_FORMS.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ""));
}

/** The code without comments and without the text of strings; what stands in `${}` stays. */
function codeOf(text: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
  return text.replace(tokens, (token) => {
    if (token.startsWith("/")) return " ";
    if (!token.startsWith("`")) return '""';
    return `"" ${[...token.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]).join(" ")} `;
  });
}

function matchesPackage(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`);
}

function importViolation(path: string, specifier: string, rule: Rule): string | null {
  const layer = layerOf(path);
  const bare = specifier.replace(/\?.*$/, "");
  if (!bare.startsWith(".")) {
    const ofFolder = [...FOLDER_PACKAGES].flatMap(([folder, names]) => (path.startsWith(folder) ? names : []));
    const own = path.startsWith("cli/scripts/") ? SCRIPT_PACKAGES : [...rule.packages, ...ofFolder];
    const allowed = isTest(path) ? [...own, ...TEST_PACKAGES] : own;
    return allowed.some((name) => matchesPackage(bare, name)) ? null : `${layer} imports the package ${specifier}`;
  }
  const target = posix.join(posix.dirname(path), bare);
  if (target.startsWith("..")) return `imports ${specifier}, which is outside src`;
  if (posix.extname(target) === "") return `imports ${specifier} without its extension`;
  const targetLayer = layerOf(target);
  if (targetLayer !== layer && !rule.layers.includes(targetLayer)) return `${layer} imports ${target}`;
  const isForTests = target.startsWith("core/testing/") && !target.startsWith(SAMPLES);
  const mayUseTesting = isTest(path) || path.includes("/testing/") || path.startsWith("cli/bench/");
  return isForTests && !mayUseTesting ? `imports ${target}, which is for tests` : null;
}

/** Everything about one file that breaks the rules of the house. */
function violations({ path, text }: SourceFile): readonly string[] {
  const found: string[] = [];
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > MAX_LINES) found.push(`has ${lines} lines; at most ${MAX_LINES} are allowed`);
  const rule = RULES.get(layerOf(path));
  if (rule === undefined) found.push(`lies in no layer; the layers are ${[...RULES.keys()].join(", ")}`);
  else if (/\.(tsx?|mjs)$/.test(path)) {
    for (const specifier of importsOf(text)) {
      const problem = importViolation(path, specifier, rule);
      if (problem !== null) found.push(problem);
    }
    if (layerOf(path) === "core" && !isTest(path)) {
      const code = codeOf(text);
      for (const [pattern, what] of IMPURE) {
        const match = pattern.exec(code);
        if (match !== null) found.push(`core uses ${what}: ${match[0]}`);
      }
    }
  }
  return found.map((problem) => `${path}: ${problem}`);
}

const SRC = dirname(fileURLToPath(import.meta.url));

function readSources(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: file.slice(SRC.length + 1).replaceAll("\\", "/"), text: readFileSync(file, "utf8") }))
    .filter(({ path }) => path !== "architecture.test.ts")
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe("the house", () => {
  const sources = readSources();
  const count = (layer: string) => sources.filter(({ path }) => layerOf(path) === layer).length;

  test("is seen whole", () => {
    const imports = sources.reduce((sum, { text }) => sum + importsOf(text).length, 0);
    const perLayer = [...RULES.keys()].map((layer) => `${layer} ${count(layer)}`).join(", ");
    console.log(`architecture: ${sources.length} files (${perLayer}), ${imports} imports`);
    expect(sources.length).toBeGreaterThanOrEqual(300);
    expect(imports).toBeGreaterThanOrEqual(1200);
    for (const layer of RULES.keys()) expect(count(layer), layer).toBeGreaterThan(0);
  });

  test("keeps its rules", () => {
    expect(sources.flatMap(violations)).toEqual([]);
  });
});

/** Path, text, and part of what must be found. */
const WRONG: readonly (readonly [string, string, string])[] = [
  ["core/a.ts", 'import { b } from "../engine/b.ts";', "core imports engine/b.ts"],
  ["core/a.ts", 'import {\n  b,\n  c,\n} from "../../src/engine/b.ts";', "outside src"],
  ["core/a.ts", 'import { readFileSync } from "node:fs";', "core imports the package node:fs"],
  ["core/a.test.ts", 'import { x } from "../state/x.ts";', "core imports state/x.ts"],
  ["core/plan/a.ts", 'import { parse } from "yaml";', "core imports the package yaml"],
  ["core/graph/a.ts", 'export * from "../../ui/x.ts";', "core imports ui/x.ts"],
  ["engine/a.ts", 'const x = await import("../state/x.ts");', "engine imports state/x.ts"],
  ["engine/a.ts", 'const x = await import("react");', "engine imports the package react"],
  ["engine/a.ts", 'import x from "onnx-buffer";', "engine imports the package onnx-buffer"],
  ["ui/a.tsx", 'import type { X } from "../worker/x.ts";', "ui imports worker/x.ts"],
  ["ui/a.tsx", 'new Worker(new URL("../worker/x.worker.ts", import.meta.url));', "ui imports worker/x.worker.ts"],
  ["ui/a.tsx", 'import "../engine/x.css";', "ui imports engine/x.css"],
  ["state/a.ts", 'import type { X } from "../engine/x.ts";', "state imports engine/x.ts"],
  ["cli/a.ts", 'import { X } from "../worker/x.ts";', "cli imports worker/x.ts"],
  ["state/a.ts", 'import { x } from "./x";', "without its extension"],
  ["state/a.ts", 'import { x } from "../core/testing/text-graph.ts";', "which is for tests"],
  ["helpers/a.ts", "export const a = 1;", "lies in no layer"],
  ["core/a.ts", "export const now = () => Date.now();", "the clock"],
  ["core/a.ts", "export const now = () => new Date();", "the clock"],
  ["core/a.ts", "const x = Math.random();", "chance"],
  ["core/a.ts", `const x = \`\${document.title}\`;`, "a global: document."],
  ["core/a.ts", "const x = await fetch(url);", "a global: fetch("],
  ["core/a.ts", "console.log(1);", "a global: console."],
  ["ui/a.css", `${"a {}\n".repeat(501)}`, "has 501 lines"],
];

const RIGHT: readonly (readonly [string, string])[] = [
  ["core/a.ts", 'import { b } from "./graph/b.ts";\nimport { X } from "onnx-buf";'],
  ["core/plan/imports/a.ts", 'import { parse } from "yaml";'],
  ["core/a.ts", '// Math.random() is not used, nor "document."\nconst text = "Date.now() in fetch(...)";'],
  ["core/a.ts", "const first = rows.window.length + this.#window.length + log.document.x;"],
  ["core/a.test.ts", 'import { test } from "vitest";\nimport { readFileSync } from "node:fs";\nMath.random();'],
  ["engine/a.ts", 'import url from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";'],
  ["worker/a.ts", 'import { mobileNet } from "../core/testing/samples/mobilenet.ts";'],
  ["ui/a.css", "a {}\n".repeat(500)],
];

describe("the checker", () => {
  for (const [path, text, problem] of WRONG) {
    test(`finds in ${path}: ${problem}`, () => {
      expect(violations({ path, text })).toEqual([expect.stringContaining(problem)]);
    });
  }

  for (const [index, [path, text]] of RIGHT.entries()) {
    test(`accepts case ${index + 1}, ${path}`, () => {
      expect(violations({ path, text })).toEqual([]);
    });
  }
});
