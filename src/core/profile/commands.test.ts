import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CommandModel, type CommandOptions, profilingCommands, shellWord } from "./commands.ts";

const STATIC: CommandModel = {
  fileName: "resnet50.onnx",
  inputs: [{ name: "data", dims: [1, 3, 224, 224] }],
  bindings: new Map(),
};
const BERT: CommandModel = {
  fileName: "my bert.onnx",
  inputs: [
    { name: "ids:0", dims: [1, 128] },
    { name: "scale", dims: [] },
  ],
  bindings: new Map([
    ["batch", 1],
    ["seq len", 128],
  ]),
};

function textOf(id: string, model: CommandModel, options?: CommandOptions): string {
  const command = profilingCommands(model, options).find((candidate) => candidate.id === id);
  if (command === undefined) throw new Error(`no command ${id}`);
  return command.text;
}

/** The words that a shell makes of a command line. */
function wordsOf(line: string): readonly string[] {
  const out = execFileSync("sh", ["-c", `for word in ${line}; do printf '%s\\0' "$word"; done`], { encoding: "utf8" });
  return out.split("\0").slice(0, -1);
}

const hasPython = (() => {
  try {
    execFileSync("python3", ["--version"]);
    return true;
  } catch {
    console.log("the script for Python is not parsed: python3 is not there");
    return false;
  }
})();

describe("the command of ours", () => {
  test("names the model and the file that it writes", () => {
    expect(textOf("splitscope", STATIC)).toBe(
      "npm run splitscope -- profile resnet50.onnx --out resnet50.profile.json",
    );
  });

  test("gives open dimensions their size; what is not usual is said", () => {
    const words = wordsOf(textOf("splitscope", BERT, { level: "basic", runs: 99 }));
    expect(words.slice(5)).toEqual(
      ["my bert.onnx", "--dim", "batch=1", "--dim", "seq len=128", "--level", "basic", "--runs", "99"].concat([
        "--out",
        "my bert.profile.json",
      ]),
    );
  });

  test("takes no file for an option", () => {
    expect(textOf("splitscope", { ...STATIC, fileName: "-x.onnx" })).toContain("./-x.onnx --out ./-x.profile.json");
  });
});

describe("the command of TensorRT", () => {
  test("has no shapes for a model without open dimensions", () => {
    expect(wordsOf(textOf("trtexec", STATIC))).toEqual([
      "trtexec",
      "--onnx=resnet50.onnx",
      "--fp16",
      "--separateProfileRun",
      "--profilingVerbosity=detailed",
      "--iterations=50",
      "--exportProfile=resnet50.trt-profile.json",
      "--exportLayerInfo=resnet50.trt-layers.json",
      "--exportTimes=resnet50.trt-times.json",
    ]);
  });

  test("names the shapes in force, quoted where a name holds the separator", () => {
    expect(wordsOf(textOf("trtexec", BERT)).at(-1)).toBe("--shapes='ids:0':1x128,scale:scalar");
  });

  test("leaves shapes out where they are not known", () => {
    const model = { ...BERT, inputs: [{ name: "x", dims: [null, 3] }] };
    expect(textOf("trtexec", model)).not.toContain("--shapes");
  });
});

describe("names out of the model", () => {
  test("are one word for a shell, whatever they hold", () => {
    // Line ends as well; a NUL cannot be in an argument.
    const name = fc.string({ unit: fc.constantFrom(..."abz09 '\"`$\\!*?[]{}()<>|&;#~=%@:,./-\n\té") });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), (texts) => {
        expect(wordsOf(texts.map(shellWord).join(" "))).toEqual(texts);
      }),
      { numRuns: 40 },
    );
  });

  test.skipIf(!hasPython)("are texts for Python, in a script that it can parse", () => {
    const fileName = 'a"b\\\n\u2028é.onnx';
    const script = textOf("python", { ...BERT, fileName, bindings: new Map([['n"', 7]]) }, { level: "extended" });
    const read = `import ast, json, sys
tree = ast.parse(sys.stdin.read())
texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
print(json.dumps(texts))`;
    const texts: unknown = JSON.parse(execFileSync("python3", ["-c", read], { input: script, encoding: "utf8" }));
    expect(texts).toContain(fileName);
    expect(texts).toContain('n"');
    expect(script).toContain("ORT_ENABLE_EXTENDED");
  });
});
