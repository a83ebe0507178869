import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { item } from "../columns.ts";
import { unwrap } from "../result.ts";
import { updateDevice, updateLink } from "../rig/rig-edit.ts";
import { parseRig, rigJson } from "../rig/schema.ts";
import { bytes, bytesPerSecond, seconds } from "../units.ts";
import {
  type AbstractProblem,
  namedProblem,
  parseProblemContent,
  problemText,
  wholeContent,
} from "./abstract-problem.ts";
import { NO_CONSTRAINTS } from "./constraints.ts";
import { givenProblem, writtenProblem } from "./given-problem.ts";
import { givenLatencies, problemModel } from "./problem-model.ts";
import { rigOfProblem, UNLIMITED, withRig } from "./problem-rig.ts";

const FILE = { name: "p.json", bytes: 1 };

const CHAIN: AbstractProblem = {
  name: "two in a row",
  devices: [
    { id: "cam 1", memoryBytes: 1000, stageOverheadSeconds: 0.001 },
    { id: "hub", memoryBytes: null, stageOverheadSeconds: 0, activeWatts: 3, idleWatts: 0.1 },
  ],
  links: [{ from: "cam 1", to: "hub", bytesPerSecond: 1e6, latencySeconds: 0.002, medium: null }],
  // Not in a topological order.
  ops: [
    { id: "late", seconds: [0.3, 0.1], weightBytes: 10, group: "g" },
    { id: "early", seconds: [0.2, null], weightBytes: 0, device: "cam 1" },
  ],
  tensors: [
    { id: "x", producer: null, consumers: ["early"], bytes: 100, output: false },
    { id: "h", producer: "early", consumers: ["late"], bytes: 50, output: false },
    { id: "y", producer: "late", consumers: [], bytes: 4, output: true },
  ],
  source: "cam 1",
  sink: null,
};

const modelOf = (problem: AbstractProblem) => unwrap(problemModel({ problem, notes: [] }, FILE));

const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const rate = fc.option(fc.double({ min: 1, max: 1e12, noNaN: true }), { nil: null });

/** Problems of any ends, with one-way links between some devices and ops one after the other. */
const problems: fc.Arbitrary<AbstractProblem> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([deviceCount, opCount]) => {
    const id = (device: number) => ["a b", "a-b", "ä", "outside"][device] ?? "";
    const end = fc.option(fc.nat(deviceCount - 1).map(id), { nil: null });
    const link = fc.record({
      from: fc.nat(deviceCount - 1),
      by: fc.integer({ min: 1, max: 3 }),
      bytesPerSecond: rate,
      latencySeconds: amount,
      medium: fc.constantFrom(null, "air"),
      joulesPerByte: amount,
    });
    return fc.record({
      name: fc.constant("made up"),
      devices: fc.tuple(
        ...Array.from({ length: deviceCount }, (_, device) =>
          fc.record({
            id: fc.constant(id(device)),
            memoryBytes: rate,
            stageOverheadSeconds: amount,
            activeWatts: amount,
            idleWatts: amount,
          }),
        ),
      ),
      links: fc.array(link, { maxLength: 6 }).map((list) =>
        list.flatMap(({ from, by, ...rest }) => {
          const to = (from + by) % deviceCount;
          return to === from ? [] : [{ ...rest, from: id(from), to: id(to) }];
        }),
      ),
      ops: fc.tuple(
        ...Array.from({ length: opCount }, (_, op) =>
          fc.record({
            id: fc.constant(`op ${op}`),
            seconds: fc.array(amount, { minLength: deviceCount, maxLength: deviceCount }),
            weightBytes: amount,
            group: fc.constantFrom(null, "g"),
          }),
        ),
      ),
      tensors: fc.array(fc.option(amount, { nil: null }), { minLength: opCount, maxLength: opCount }).map((sizes) =>
        sizes.map((size, op) => ({
          id: `t ${op}`,
          producer: `op ${op}`,
          consumers: op + 1 < opCount ? [`op ${op + 1}`] : [],
          bytes: size,
          output: op + 1 === opCount,
        })),
      ),
      source: end,
      sink: end,
      delivery: fc.constantFrom("direct" as const, "port" as const),
    });
  });

describe("a problem file as model and rig", () => {
  test("its own rig gives its own columns, also after the rig was a file", () => {
    let seen = 0;
    fc.assert(
      fc.property(problems, (content) => {
        const named = namedProblem(content);
        fc.pre(named.ok);
        seen += 1;
        const { graph } = modelOf(content);
        const rig = rigOfProblem(content);
        const { problem } = unwrap(named);
        const normal = (value: unknown) =>
          JSON.stringify(value, (_, v) => (ArrayBuffer.isView(v) ? [...(v as Float64Array)].map(String) : v));
        const groupsAside = (p: typeof problem) => normal({ ...p, groupOf: null });
        for (const shown of [rig, unwrap(parseRig(JSON.parse(JSON.stringify(rigJson(rig)))))]) {
          const given = unwrap(givenProblem({ content, graph, rig: shown }));
          expect(groupsAside(given)).toBe(groupsAside(problem));
          // Groups may have other numbers.
          for (const [a, one] of given.groupOf.entries()) {
            for (const [b, two] of given.groupOf.entries()) {
              expect(one >= 0 && one === two).toBe(
                problem.groupOf[a] !== -1 && problem.groupOf[a] === problem.groupOf[b],
              );
            }
          }
          expect(shown.devices).toHaveLength(problem.devices.length);
        }
      }),
      { numRuns: 100 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  test("the graph has the ops in the order of the columns, and says what is not known", () => {
    const model = modelOf(CHAIN);
    const { graph } = model;
    expect(graph.opNames).toEqual(["early", "late"]);
    expect([...graph.opNodes]).toEqual([1, 0]);
    expect(graph.opTypes).toEqual(["early", "late"]);
    expect(graph.tensorNames).toEqual(["x", "h", "y"]);
    expect(model.totals).toEqual({ ops: 2, macs: Number.NaN, parameters: Number.NaN, weightBytes: 10 });
    expect([...model.costs.weightBytes]).toEqual([0, 10]);
    expect([...model.costs.inputBytes]).toEqual([100, 50]);
    expect(model.attributes).toEqual([[{ name: "only on", value: "cam 1" }], [{ name: "group", value: "g" }]]);
    expect([...givenLatencies(CHAIN, graph, 1).seconds]).toEqual([Number.POSITIVE_INFINITY, 0.1]);
  });

  test("the rig shows devices, one-way links and the place outside", () => {
    const rig = rigOfProblem(CHAIN);
    expect(rig.devices.map(({ id, name, memory }) => [id, name, memory])).toEqual([
      ["cam-1", "cam 1", 1000],
      ["hub", "hub", UNLIMITED],
      ["outside", "Outside", UNLIMITED],
    ]);
    expect(rig.links).toMatchObject([{ id: "link-1", name: "cam 1 → hub", a: "cam-1", b: "hub", aToB: 1e6, bToA: 0 }]);
    expect([rig.source, rig.sink]).toEqual(["cam-1", "outside"]);
  });

  test("edits of the rig are edits of the problem", () => {
    const own = rigOfProblem(CHAIN);
    const slower = unwrap(
      updateDevice(own, "cam-1", { loadFactor: 2, memory: bytes(500), stageOverhead: seconds(0.01) }),
    );
    const rig = unwrap(updateLink(slower, "link-1", { aToB: bytesPerSecond(2e6), latency: seconds(0.5) }));
    const { graph } = modelOf(CHAIN);
    const problem = unwrap(givenProblem({ content: CHAIN, graph, rig }));
    expect([...item(problem.devices, 0).opSeconds]).toEqual([0.4, 0.6]);
    expect([...item(problem.devices, 1).opSeconds]).toEqual([Number.POSITIVE_INFINITY, 0.1]);
    expect(problem.devices[0]).toMatchObject({ memoryBytes: 500, stageOverheadSeconds: 0.01 });
    expect(problem.routes[0]?.[1]).toMatchObject({ latency: 0.5, secondsPerByte: 5e-7 });
  });

  test("constraints come beside those of the file", () => {
    const { graph } = modelOf({ ...CHAIN, maxStages: 3 });
    const rig = rigOfProblem(CHAIN);
    const constraints = {
      ...NO_CONSTRAINTS,
      maxStages: 2,
      pins: [{ op: "late", device: "hub" }],
      groups: [["early", "late"]],
    };
    const problem = unwrap(givenProblem({ content: { ...CHAIN, maxStages: 3 }, graph, rig, constraints }));
    expect(problem.maxStages).toBe(2);
    expect(problem.devices.map(({ barred }) => [...barred])).toEqual([
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    expect(problem.groupOf[0]).toBe(problem.groupOf[1]);
  });

  test("written as a file, it is the same problem again: edits of the rig and constraints are in it", () => {
    const changes = fc.record({
      load: fc.constantFrom(1, 1.5),
      pin: fc.nat(4),
      device: fc.nat(3),
      forbidden: fc.boolean(),
      maxStages: fc.constantFrom(null, 1, 2),
      cap: fc.option(amount, { nil: null }),
      grouped: fc.boolean(),
      queuedFrames: fc.nat(2),
    });
    let constrained = 0;
    fc.assert(
      fc.property(problems, changes, (raw, change) => {
        const whole = wholeContent(raw);
        fc.pre(whole.ok && namedProblem(raw).ok);
        const content = unwrap(whole);
        const { graph } = modelOf(content);
        const own = rigOfProblem(content);
        expect(writtenProblem({ content, graph, rig: own })).toEqual({ ok: true, value: content });
        const device = item(own.devices, change.device % content.devices.length).id;
        const rig = unwrap(updateDevice(own, device, { loadFactor: change.load, stageOverhead: seconds(0.5) }));
        const [link] = rig.links;
        const constraints = {
          ...NO_CONSTRAINTS,
          pins: [{ op: item(graph.opNames, change.pin % graph.opCount), device }],
          forbiddenDevices: change.forbidden ? own.devices.slice(0, 1).map(({ id }) => id) : [],
          maxStages: change.maxStages,
          linkMaxBytes: link === undefined || change.cap === null ? [] : [{ link: link.id, bytes: change.cap }],
          groups: change.grouped ? [graph.opNames.slice(0, 2)] : [],
          queuedFrames: change.queuedFrames,
        };
        const sources = { content, graph, rig, constraints };
        const given = unwrap(givenProblem(sources));
        const written = writtenProblem(sources);
        const isPossible = graph.opNames.every((_, op) =>
          given.devices.some(({ barred, opSeconds }) => barred[op] === 0 && Number.isFinite(opSeconds[op])),
        );
        if (!written.ok) {
          // A group may fit no device although each of its ops fits one.
          expect(written.error).toMatch(isPossible ? /group/ : /can run on no device|which cannot run it|group/);
          return;
        }
        expect(isPossible).toBe(true);
        constrained += 1;
        expect(unwrap(parseProblemContent(JSON.parse(problemText(written.value))))).toEqual(written.value);
        const again = unwrap(namedProblem(written.value)).problem;
        for (const [number, { barred, opSeconds, ...rest }] of given.devices.entries()) {
          const { barred: barredAgain, opSeconds: secondsAgain, ...restAgain } = item(again.devices, number);
          const able = (column: Float64Array, off: Uint8Array) =>
            [...column].map((value, op) => (off[op] === 1 ? Number.POSITIVE_INFINITY : value));
          expect(able(secondsAgain, barredAgain)).toEqual(able(opSeconds, barred));
          expect(restAgain).toEqual(rest);
        }
        const { devices: _, groupOf, ...others } = given;
        const { devices: __, groupOf: groupAgain, ...othersAgain } = again;
        expect(othersAgain).toEqual(others);
        for (const [a, one] of groupOf.entries()) {
          for (const [b, two] of groupOf.entries()) {
            expect(groupAgain[a] !== -1 && groupAgain[a] === groupAgain[b]).toBe(one >= 0 && one === two);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(constrained).toBeGreaterThan(100);
  });

  test("a rig of something else is refused", () => {
    const rig = rigOfProblem(CHAIN);
    expect(withRig(CHAIN, { ...rig, links: [] })).toEqual({
      ok: false,
      error: "The rig is not that of the problem file; expected its devices and links.",
    });
  });
});
