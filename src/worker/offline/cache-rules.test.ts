import { expect, test } from "vitest";
import { type AppFiles, cacheName, ruleFor, staleCaches } from "./cache-rules.ts";

const FILES: AppFiles = {
  version: "abc",
  first: ["index.html", "assets/index-1.js"],
  withModel: ["assets/ort-1.wasm"],
  whenUsed: ["samples/a.onnx"],
};
const SCOPE = "https://example.org/tools/splitscope/";

test("the page comes from the network first, own files from what is kept, and nothing else is touched", () => {
  const rule = (address: string, isNavigation = false) => ruleFor(FILES, SCOPE, address, isNavigation);
  expect(rule(SCOPE, true)).toBe("page");
  expect(rule(`${SCOPE}index.html?x=1`, true)).toBe("page");
  expect(rule(`${SCOPE}#plan=abc`, true)).toBe("page");
  expect(rule(`${SCOPE}schema/splitscope-rig.schema.json`, true)).toBeNull();
  for (const path of ["assets/index-1.js", "assets/ort-1.wasm", "samples/a.onnx", "samples/a.onnx?1"]) {
    expect(rule(SCOPE + path)).toBe("file");
  }
  expect(rule(`${SCOPE}assets/of-another-build.js`)).toBeNull();
  expect(rule(`${SCOPE}index.html`)).toBeNull();
  expect(rule("https://example.org/assets/index-1.js")).toBeNull();
  expect(rule("https://elsewhere.example/tools/splitscope/assets/index-1.js")).toBeNull();
});

test("caches of other builds go, caches of other apps stay", () => {
  const others = ["splitscope-old", cacheName(FILES), "another-app"];
  expect(staleCaches(FILES, others)).toEqual(["splitscope-old"]);
});
