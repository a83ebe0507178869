import { describe, expect, test } from "vitest";
import { unwrap } from "../result.ts";
import { defaultRig } from "../rig/presets.ts";
import { exportSubject } from "../testing/export-subjects.ts";
import { buildProblem } from "./build-problem.ts";
import { type Constraints, NO_CONSTRAINTS } from "./constraints.ts";

const { model, rig, latencies, encoding } = exportSubject("a -> b; a -> c; b -> d; c -> d", []);
const names = model.graph.opNames;
const [first, second] = rig.devices.map(({ id }) => id);

function build(constraints: Partial<Constraints>) {
  return buildProblem({
    graph: model.graph,
    rig,
    latencies,
    encoding,
    constraints: { ...NO_CONSTRAINTS, ...constraints },
  });
}

const error = (constraints: Partial<Constraints>) => {
  const built = build(constraints);
  return built.ok ? "" : built.error;
};

describe("constraints by name become columns", () => {
  test("pins, first ops, forbidden devices, groups, links, stages, ways of running", () => {
    const problem = unwrap(
      build({
        pins: [{ op: "d", device: second ?? "" }],
        firstOpsOnSource: 1,
        maxStages: 2,
        groups: [
          ["a", "b"],
          ["b", "c"],
        ],
        linkMaxBytes: [{ link: rig.links[0]?.id ?? "", bytes: 10 }],
        delivery: "direct",
        overlap: false,
        queuedFrames: 3,
      }),
    );
    const source = rig.devices.findIndex(({ id }) => id === rig.source);
    for (const [device, { id, barred }] of problem.devices.entries()) {
      expect(barred[names.indexOf("d")]).toBe(id === second ? 0 : 1);
      expect(barred[0]).toBe(device === source ? 0 : 1);
      expect(barred[names.indexOf("b")]).toBe(0);
    }
    const groups = ["a", "b", "c"].map((name) => problem.groupOf[names.indexOf(name)]);
    expect(new Set(groups).size).toBe(1);
    expect(problem.groupOf[names.indexOf("d")]).toBe(-1);
    expect(problem.linkMaxBytes[0]).toBe(10);
    expect([problem.maxStages, problem.delivery, problem.overlap, problem.queuedFrames]).toEqual([
      2,
      "direct",
      false,
      3,
    ]);
    const forbidden = unwrap(build({ forbiddenDevices: [second ?? ""] }));
    expect(forbidden.devices.map(({ barred }) => barred.includes(1))).toEqual(
      rig.devices.map(({ id }) => id === second),
    );
  });

  test("none constrain nothing", () => {
    const problem = unwrap(buildProblem({ graph: model.graph, rig, latencies, encoding }));
    expect(problem.devices.some(({ barred }) => barred.includes(1))).toBe(false);
    expect([problem.maxStages, problem.delivery, problem.overlap]).toEqual([Number.POSITIVE_INFINITY, "relayed", true]);
  });

  test.each<readonly [string, Partial<Constraints>, string]>([
    [
      "an op that is not there",
      { pins: [{ op: "z", device: first ?? "" }] },
      'A constraint names "z"; expected the name',
    ],
    [
      "a device that is not there",
      { pins: [{ op: "a", device: "moon" }] },
      '"a" is pinned to device "moon"; the rig has',
    ],
    [
      "two pins of one op",
      {
        pins: [
          { op: "a", device: first ?? "" },
          { op: "a", device: second ?? "" },
        ],
      },
      'Op "a" is pinned to device',
    ],
    ["an unknown forbidden device", { forbiddenDevices: ["moon"] }, 'The device "moon" is forbidden; the rig has'],
    [
      "an unknown link",
      { linkMaxBytes: [{ link: "air", bytes: 1 }] },
      'The bytes of link "air" are limited; the rig has',
    ],
    ["negative bytes", { linkMaxBytes: [{ link: "air", bytes: -1 }] }, 'The limit of link "air" is -1 bytes; expected'],
    ["too many first ops", { firstOpsOnSource: 99 }, "The first 99 ops are to stay on the source; the model has 4."],
    ["no stage", { maxStages: 0 }, "The largest number of stages is 0; expected a whole number of at least 1."],
    ["a limit below 0", { limits: { latency: -1 } }, "The limit on latency is -1; expected a number of at least 0."],
  ])("refuses %s in one sentence", (_, constraints, sentence) => {
    expect(error(constraints)).toContain(sentence);
    expect(error(constraints)).not.toContain("\n");
  });
});

test("the default rig knows what its radio takes and its devices draw", () => {
  const rates = defaultRig().links.map(({ aToBJoulesPerByte, bToAJoulesPerByte }) => [
    aToBJoulesPerByte,
    bToAJoulesPerByte,
  ]);
  expect(rates.flat().every((joules) => joules >= 0 && joules < 1e-3)).toBe(true);
  expect(rates.flat().some((joules) => joules > 0)).toBe(true);
});
