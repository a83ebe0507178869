import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { deviceFromPreset, linkFromPreset } from "../rig/presets.ts";
import type { Rig } from "../rig/rig.ts";
import { textGraph } from "../testing/text-graph.ts";
import { applyConstraints, type Constraints, NO_CONSTRAINTS } from "./constraints.ts";
import { pinNames, pinnedDevice, withOpsPinned } from "./pins.ts";

const { graph } = textGraph("m/a/x -> m/a/y -> m/b/x -> m/bb -> z");
const numbers = (...names: string[]) => names.map((name) => graph.opNames.indexOf(name));
const rig: Rig = {
  devices: [deviceFromPreset("raspberry-pi-4", "pi"), deviceFromPreset("gpu-server", "server")],
  links: [linkFromPreset("ethernet-1g", "pi", "server")],
  source: "pi",
  sink: "pi",
};

/** What the constraints come to, by their own resolution of names: ops barred from device `index`. */
function barred(constraints: Constraints, index: number): readonly string[] {
  const applied = unwrap(applyConstraints(constraints, graph, rig));
  return graph.opNames.filter((_, op) => applied.barred[index]?.[op] === 1);
}

describe("pinNames", () => {
  test("one op goes by its own name", () => {
    expect(pinNames(graph, numbers("m/a/x"))).toEqual(["m/a/x"]);
  });

  test("all ops of a module go by the module's", () => {
    expect(pinNames(graph, numbers("m/a/x", "m/a/y"))).toEqual(["m/a"]);
    expect(pinNames(graph, numbers("m/a/x", "m/a/y", "m/b/x", "m/bb"))).toEqual(["m"]);
  });

  test("a part of a module goes by the ops' names", () => {
    expect(pinNames(graph, numbers("m/a/y", "m/b/x"))).toEqual(["m/a/y", "m/b/x"]);
    expect(pinNames(graph, numbers("m/bb", "z"))).toEqual(["m/bb", "z"]);
  });
});

describe("withOpsPinned", () => {
  test("holds just these ops, as the constraints resolve the names", () => {
    const pinned = withOpsPinned(NO_CONSTRAINTS, graph, numbers("m/a/x", "m/a/y"), "server");
    expect(barred(pinned, 0)).toEqual(["m/a/x", "m/a/y"]);
    expect(barred(pinned, 1)).toEqual([]);
    expect(graph.opNames.map((_, op) => pinnedDevice(pinned, graph, op))).toEqual([
      "server",
      "server",
      null,
      null,
      null,
    ]);
  });

  test("takes the place of pins that hold one of them", () => {
    const module = withOpsPinned(NO_CONSTRAINTS, graph, numbers("m/a/x", "m/a/y"), "server");
    const moved = withOpsPinned(module, graph, numbers("m/a/y"), "pi");
    expect(moved.pins).toEqual([{ op: "m/a/y", device: "pi" }]);
    expect(barred(moved, 1)).toEqual(["m/a/y"]);
  });

  test("lets them go, and leaves other pins", () => {
    const both = withOpsPinned(
      withOpsPinned(NO_CONSTRAINTS, graph, numbers("z"), "pi"),
      graph,
      numbers("m/bb"),
      "server",
    );
    expect(withOpsPinned(both, graph, numbers("m/bb"), null).pins).toEqual([{ op: "z", device: "pi" }]);
  });

  test("does not take m/b for a module around m/bb", () => {
    const pinned = withOpsPinned(NO_CONSTRAINTS, graph, numbers("m/b/x"), "server");
    expect(withOpsPinned(pinned, graph, numbers("m/bb"), null)).toEqual(pinned);
  });
});
