import { describe, expect, test } from "vitest";
import { unwrap } from "../../result.ts";
import { ModelBuilder } from "../../testing/model-builder.ts";
import { decodeModel } from "../decode.ts";
import type { TensorType } from "../model.ts";
import { bytesSource } from "../source.ts";
import { wireNodes } from "../wiring.ts";
import { inferShapes } from "./infer-shapes.ts";
import { typeText } from "./type-text.ts";

interface Options {
  readonly bindings?: Readonly<Record<string, number>>;
  readonly given?: Readonly<Record<string, TensorType>>;
}

/** Types of all tensors of a network as texts, and reasons by tensor. */
function inferred(net: ModelBuilder, { bindings = {}, given = {} }: Options = {}) {
  const model = unwrap(decodeModel(bytesSource("net.onnx", net.bytes())));
  const { types, reasons } = inferShapes(model, unwrap(wireNodes(model)), {
    bindings: new Map(Object.entries(bindings)),
    given: new Map(Object.entries(given)),
  });
  return { types: Object.fromEntries([...types].map(([name, type]) => [name, typeText(type)])), reasons };
}

const net = (opset = 17) =>
  new ModelBuilder({
    name: "net",
    opset,
    domains: new Map([
      ["com.microsoft", 1],
      ["vendor", 1],
    ]),
  });

const FLOAT = (...shape: readonly number[]): TensorType => ({ kind: "tensor", elementType: "float", shape });

describe("sizes that shapes are computed from", () => {
  test("Shape, Gather, Concat, Reshape: what exporters write for x.view(x.size(0), -1)", () => {
    const graph = net();
    const x = graph.input("x", "float", ["n", 8, 4, 4]);
    const shape = graph.node("Shape", [x], { outputs: ["shape"] });
    const batch = graph.node("Gather", [shape, graph.integers("zero", [0], [])], { outputs: ["batch"] });
    const row = graph.node("Unsqueeze", [batch, graph.integers("axis", [0])], { outputs: ["row"] });
    const target = graph.node("Concat", [row, graph.integers("rest", [-1])], {
      attributes: { axis: 0 },
      outputs: ["target"],
    });
    graph.output(graph.node("Reshape", [x, target], { outputs: ["y"] }));
    expect(inferred(graph).types).toMatchObject({ batch: "int64[]", target: "int64[2]", y: "float[n, 128]" });
    expect(inferred(graph, { bindings: { n: 3 } }).types["y"]).toBe("float[3, 128]");
  });

  test("arithmetic on sizes: halves, casts, slices, ranges, expansions", () => {
    const graph = net();
    const x = graph.input("x", "float", [2, 6, 10]);
    const shape = graph.node("Shape", [x]);
    const tail = graph.node("Slice", [
      shape,
      graph.integers("one", [1]),
      graph.integers("end", [2 ** 31]),
      graph.integers("a0", [0]),
    ]);
    const half = graph.node("Div", [tail, graph.integers("two", [2], [])]);
    const floats = graph.node("Mul", [
      graph.node("Cast", [half], { attributes: { to: 1 } }),
      graph.floats("k", [1.5], []),
    ]);
    const sizes = graph.node("Cast", [graph.node("Floor", [floats])], { attributes: { to: 7 } });
    graph.output(graph.node("ConstantOfShape", [sizes], { outputs: ["filled"] }));
    const last = graph.node("Gather", [shape, graph.integers("minus", [-1], [])]);
    const range = graph.node("Range", [graph.integers("from", [0], []), last, graph.integers("by", [3], [])], {
      outputs: ["range"],
    });
    graph.output(
      graph.node(
        "Expand",
        [range, graph.node("Concat", [half, graph.integers("four", [4])], { attributes: { axis: 0 } })],
        { outputs: ["wide"] },
      ),
    );
    expect(inferred(graph).types).toMatchObject({ filled: "float[4, 7]", range: "int64[4]", wide: "int64[3, 5, 4]" });
  });

  test("conditions on sizes choose", () => {
    const graph = net();
    const x = graph.input("x", "float", ["n", 5]);
    const shape = graph.node("Shape", [x]);
    const wanted = graph.integers("wanted", [-1, 5]);
    const isOpen = graph.node("Equal", [wanted, graph.integers("minus", [-1], [])]);
    const sizes = graph.node("Where", [isOpen, shape, wanted]);
    graph.output(graph.node("Expand", [graph.floats("one", [1], [1, 1]), sizes], { outputs: ["y"] }));
    expect(inferred(graph).types["y"]).toBe("float[n, 5]");
  });

  test("names of dimensions run through", () => {
    const graph = net();
    const x = graph.input("x", "float", ["n", "t", 16]);
    const heads = graph.node("Reshape", [x, graph.integers("split", [0, 0, 4, 4])], { outputs: ["heads"] });
    const turned = graph.node("Transpose", [heads], { attributes: { perm: [0, 2, 1, 3] }, outputs: ["turned"] });
    graph.output(
      graph.node("MatMul", [turned, graph.node("Transpose", [turned], { attributes: { perm: [0, 1, 3, 2] } })], {
        outputs: ["scores"],
      }),
    );
    graph.output(graph.node("Flatten", [x], { attributes: { axis: 2 }, outputs: ["flat"] }));
    const { types, reasons } = inferred(graph);
    expect(types).toMatchObject({
      heads: "float[n, t, 4, 4]",
      turned: "float[n, 4, t, 4]",
      scores: "float[n, 4, t, t]",
      flat: "float[?, 16]",
    });
    expect(reasons.get("scores")).toBe('it follows from "x": dimension "n" has been given no size');
  });
});

describe("what is not known", () => {
  test("an op that nobody knows leaves its output open, and a stated type closes it and what follows", () => {
    const graph = net();
    const x = graph.input("x", "float", [1, 4]);
    const m = graph.node("Mystery", [x], { name: "odd", domain: "vendor", outputs: ["m"] });
    graph.output(graph.node("Relu", [m], { outputs: ["y"] }));
    const { types, reasons } = inferred(graph);
    expect(types).toMatchObject({ m: "undefined[?]", y: "undefined[?]" });
    expect(reasons.get("m")).toBe(
      'of node "odd" (Mystery): Splitscope does not know the op "Mystery" of the domain "vendor"',
    );
    expect(reasons.get("y")).toBe(`it follows from "m": ${reasons.get("m")}`);
    const stated = inferred(graph, { given: { m: FLOAT(2, 7) } });
    expect(stated.types).toMatchObject({ m: "float[2, 7]", y: "float[2, 7]" });
    expect([...stated.reasons]).toEqual([]);
  });

  test("sizes that depend on data, and operands that do not fit", () => {
    const graph = net();
    const x = graph.input("x", "float", [2, 3]);
    graph.output(graph.node("NonZero", [x], { outputs: ["places"] }));
    graph.output(graph.node("Reshape", [x, graph.integers("seven", [7])], { name: "r", outputs: ["bad"] }));
    graph.output(graph.node("Add", [x, graph.floats("four", [1, 2, 3, 4])], { name: "a", outputs: ["worse"] }));
    const { types, reasons } = inferred(graph);
    expect(types).toMatchObject({ places: "int64[2, ?]", bad: "undefined[?]", worse: "undefined[?]" });
    expect(reasons.get("places")).toMatch(/depends on the data/);
    expect(reasons.get("bad")).toBe('of node "r" (Reshape): the 6 elements of its input do not fill the shape [7]');
    expect(reasons.get("worse")).toMatch(/shapes \[2, 3\] and \[4\] do not fit each other$/);
  });
});

describe("bodies", () => {
  const body = (build: (inner: ModelBuilder) => void) => {
    const inner = new ModelBuilder({ name: "body" });
    build(inner);
    return inner.graph();
  };

  test("If: what both branches have in common, or the one that a known condition takes", () => {
    for (const [condition, shape] of [
      [null, "float[2, ?]"],
      [1, "float[2, 3]"],
      [0, "float[2, 6]"],
    ] as const) {
      const graph = net();
      graph.input("x", "float", [2, 3]);
      const flag = graph.input("flag", "bool", []);
      const thenBranch = body((inner) => inner.output(inner.node("Relu", ["x"], { outputs: ["a"] })));
      const elseBranch = body((inner) =>
        inner.output(inner.node("Concat", ["x", "x"], { attributes: { axis: 1 }, outputs: ["b"] })),
      );
      const known =
        condition === null
          ? flag
          : graph.node("Cast", [graph.integers("c", [condition], [])], { attributes: { to: 9 } });
      graph.output(
        graph.node("If", [known], {
          attributes: { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
          outputs: ["y"],
        }),
      );
      const { types } = inferred(graph);
      expect(types["y"]).toBe(shape);
      const position = condition === null ? 0 : 1;
      expect(types[`${position}.then_branch/a`]).toBe("float[2, 3]");
    }
  });

  test("Loop: carried values that grow lose the size that grows; scanned outputs are as many as turns", () => {
    const graph = net();
    const x = graph.input("x", "float", [1, 4]);
    const keep = graph.input("keep", "float", [5]);
    const turn = body((inner) => {
      inner.input("i", "int64", []);
      const on = inner.input("on", "bool", []);
      const carried = inner.input("carried", "float", null);
      const same = inner.input("same", "float", null);
      inner.output(inner.node("Identity", [on], { outputs: ["on_out"] }), "bool");
      inner.output(inner.node("Concat", [carried, carried], { attributes: { axis: 0 }, outputs: ["grown"] }));
      inner.output(inner.node("Neg", [same], { outputs: ["same_out"] }));
      inner.output(inner.node("Exp", [same], { outputs: ["scanned"] }));
    });
    graph.node("Loop", [graph.integers("trips", [6], []), "", x, keep], {
      attributes: { body: { graph: turn } },
      outputs: ["last", "kept", "all"],
    });
    for (const name of ["last", "kept", "all"]) graph.output(name);
    expect(inferred(graph).types).toMatchObject({ last: "float[?, 4]", kept: "float[5]", all: "float[6, 5]" });
  });

  test("Scan goes along axes of its inputs and stacks along axes of its outputs", () => {
    const graph = net();
    const state = graph.input("state", "float", [3]);
    const x = graph.input("x", "float", [3, 9]);
    const step = body((inner) => {
      const s = inner.input("s", "float", [3]);
      const row = inner.input("row", "float", [3]);
      inner.output(inner.node("Add", [s, row], { outputs: ["next"] }));
      inner.output(inner.node("Mul", [s, row], { outputs: ["out"] }));
    });
    graph.node("Scan", [state, x], {
      attributes: { body: { graph: step }, num_scan_inputs: 1, scan_input_axes: [1], scan_output_axes: [-1] },
      outputs: ["final", "stacked"],
    });
    for (const name of ["final", "stacked"]) graph.output(name);
    expect(inferred(graph).types).toMatchObject({ final: "float[3]", stacked: "float[3, 9]" });
  });
});
