import { describe, expect, test } from "vitest";
import { chainRig, DEVICE_PRESETS, defaultRig, deviceFromPreset } from "./presets.ts";
import { RIG_SHAPES, rewired, rigFaults, rigPlaces, withLink } from "./rewire.ts";
import { validateRig } from "./validate.ts";

const names = DEVICE_PRESETS.map(({ id }) => id);
const chain = (count: number) =>
  chainRig(
    names.slice(0, count).map((id) => deviceFromPreset(id)),
    Array.from({ length: count - 1 }, () => "usb-3"),
  );

describe("faults", () => {
  test("a valid rig has none; two links alike are a warning", () => {
    expect(rigFaults(defaultRig())).toEqual([]);
    const twice = withLink(defaultRig(), "usb-3", "jetson-nano", "raspberry-pi-4");
    expect(rigFaults(twice)).toMatchObject([{ tone: "warning", at: { kind: "link" } }]);
    expect(rigFaults(twice)[0]?.sentence).toContain("Raspberry Pi 4");
    expect(validateRig(twice).ok).toBe(true);
  });

  test("each has its place: a link to nowhere, a link to itself, a device out of reach", () => {
    const rig = defaultRig();
    const [first] = rig.links;
    if (first === undefined) throw new Error("the default rig has links");
    const nowhere = rigFaults({ ...rig, links: rig.links.with(0, { ...first, a: "gone" }) });
    expect(nowhere[0]).toMatchObject({ at: { kind: "link", id: first.id }, tone: "error" });
    expect(nowhere[0]?.sentence).toContain('"gone"');
    expect(rigFaults({ ...rig, links: rig.links.with(0, { ...first, a: first.b }) })[0]?.sentence).toContain("itself");
    expect(rigFaults({ ...rig, links: [first] })).toEqual([
      {
        at: { kind: "device", id: "gpu-server" },
        tone: "error",
        sentence:
          "No link leads from Raspberry Pi 4, where the input is born, to GPU server (T4), where the output is needed.",
      },
    ]);
  });

  test("whatever the reader of rig files refuses has at least one error", () => {
    const rig = defaultRig();
    const broken = { ...rig, devices: rig.devices.map((device) => ({ ...device, loadFactor: 0 })) };
    expect(validateRig(broken).ok).toBe(false);
    expect(rigFaults(broken)).toMatchObject([{ at: null, tone: "error" }]);
  });
});

describe("shapes and places", () => {
  test.each([1, 2, 3, 5, 8])(
    "%i devices: every shape is valid, has its number of links and keeps those that fit",
    (count) => {
      const rig = chain(count);
      const links = { chain: count - 1, star: count - 1, mesh: (count * (count - 1)) / 2 };
      for (const shape of RIG_SHAPES) {
        const next = rewired(rig, shape, rig.source, "lora");
        expect(validateRig(next).ok).toBe(true);
        expect(next.links).toHaveLength(links[shape]);
        const places = rigPlaces(next);
        expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(count);
        for (const { x, y } of places) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(1);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(1);
        }
      }
      expect(rewired(rig, "chain", rig.source, "lora").links).toEqual(rig.links);
    },
  );

  test("a chain stands in a row from the source on, whatever the order of the list", () => {
    const rig = chain(4);
    expect(rigPlaces(rig).map(({ x }) => x)).toEqual([0, 1 / 3, 2 / 3, 1]);
    expect(rigPlaces({ ...rig, devices: rig.devices.toReversed() }).map(({ x }) => x)).toEqual([1, 2 / 3, 1 / 3, 0]);
    expect(rigPlaces({ ...rig, links: rig.links.slice(1) })).toHaveLength(4);
  });

  test("a star has its hub in the middle", () => {
    const star = rewired(chain(5), "star", names[2] ?? "", "wifi-5");
    expect(rigPlaces(star)[2]).toEqual({ x: 0.5, y: 0.5 });
  });
});
