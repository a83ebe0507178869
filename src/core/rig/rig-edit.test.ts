import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Result, unwrap } from "../result.ts";
import { bytes, bytesPerSecond, seconds } from "../units.ts";
import { chainRig, DEVICE_PRESETS, defaultRig, deviceFromPreset, LINK_PRESETS, linkFromPreset } from "./presets.ts";
import type { Rig } from "./rig.ts";
import {
  addDevice,
  addLink,
  moveDevice,
  removeDevice,
  removeLink,
  replaceDevice,
  setSink,
  setSource,
  uniqueId,
  updateDevice,
  updateLink,
} from "./rig-edit.ts";
import { validateRig } from "./validate.ts";

/** "a -link- b -link- c" along the row; links that do not join neighbours follow after ";". */
function drawn(rig: Rig): string {
  const shown = new Set<string>();
  const row = rig.devices
    .map((device, i) => {
      const next = rig.devices[i + 1];
      if (next === undefined) return device.id;
      const joins = (a: string, b: string) => a === device.id && b === next.id;
      const link = rig.links.find(({ a, b }) => joins(a, b) || joins(b, a));
      if (link !== undefined) shown.add(link.id);
      return `${device.id} ${link === undefined ? "  " : `-${link.preset}-`} `;
    })
    .join("");
  const rest = rig.links.filter((link) => !shown.has(link.id)).map((link) => `${link.a} -${link.preset}- ${link.b}`);
  return [row, ...rest].join("; ");
}

function sentence(result: Result<unknown>): string {
  return result.ok ? "accepted" : result.error;
}

const chain = () => defaultRig("wifi-5");

describe("addDevice", () => {
  test("in the middle: the link that was there leads to the newcomer, the other side gets a new one", () => {
    expect(drawn(unwrap(addDevice(chain(), "mini-pc", 1)))).toBe(
      "raspberry-pi-4 -wifi-5- mini-pc -ethernet-1g- jetson-nano -ethernet-1g- gpu-server",
    );
  });

  test("at both ends, positions clamped", () => {
    expect(drawn(unwrap(addDevice(chain(), "mini-pc", 99, "usb-3")))).toBe(
      "raspberry-pi-4 -wifi-5- jetson-nano -ethernet-1g- gpu-server -usb-3- mini-pc",
    );
    const first = unwrap(addDevice(chain(), "mini-pc", -1, "usb-3"));
    expect(drawn(first)).toBe("mini-pc -usb-3- raspberry-pi-4 -wifi-5- jetson-nano -ethernet-1g- gpu-server");
    expect([first.source, first.sink]).toEqual(["raspberry-pi-4", "gpu-server"]);
  });

  test("a second device of a kind gets an id of its own", () => {
    const rig = unwrap(addDevice(unwrap(addDevice(chain(), "jetson-nano", 3)), "jetson-nano", 4));
    expect(rig.devices.map((device) => device.id).slice(3)).toEqual(["jetson-nano-2", "jetson-nano-3"]);
    expect(rig.devices.at(-1)?.preset).toBe("jetson-nano");
  });

  test("refuses what the library does not have", () => {
    expect(sentence(addDevice(chain(), "cray-1", 0))).toBe('There is no device preset "cray-1".');
    expect(sentence(addDevice(chain(), "__proto__", 0))).toBe('There is no device preset "__proto__".');
    expect(sentence(addDevice(chain(), "ncs2", 0, "string"))).toBe('There is no link preset "string".');
  });
});

describe("removeDevice", () => {
  test("joins the neighbours by the slower of the two links", () => {
    expect(drawn(unwrap(removeDevice(chain(), "jetson-nano")))).toBe("raspberry-pi-4 -wifi-5- gpu-server");
    const turned = chainRig(
      ["raspberry-pi-4", "mini-pc", "gpu-server"].map((key) => deviceFromPreset(key)),
      ["usb-3", "lte"],
    );
    const rig = unwrap(removeDevice(turned, "mini-pc"));
    expect(drawn(rig)).toBe("raspberry-pi-4 -lte- gpu-server");
    expect(rig.links[0]).toMatchObject({ a: "raspberry-pi-4", b: "gpu-server", medium: "lte-cell" });
  });

  test("source and sink move to the neighbour", () => {
    const rig = unwrap(removeDevice(chain(), "raspberry-pi-4"));
    expect([drawn(rig), rig.source, rig.sink]).toEqual([
      "jetson-nano -ethernet-1g- gpu-server",
      "jetson-nano",
      "gpu-server",
    ]);
    expect(unwrap(removeDevice(chain(), "gpu-server")).sink).toBe("jetson-nano");
  });

  test("a hub's neighbours stay joined", () => {
    const ids = ["mini-pc", "raspberry-pi-4", "jetson-nano", "ncs2"];
    const star: Rig = {
      devices: ids.map((id) => deviceFromPreset(id)),
      links: ["usb-3", "wifi-4", "ethernet-1g"].map((key, i) => linkFromPreset(key, "mini-pc", ids[i + 1] ?? "")),
      source: "raspberry-pi-4",
      sink: "mini-pc",
    };
    const rig = unwrap(removeDevice(star, "mini-pc"));
    expect(rig.links.map((link) => `${link.a} -${link.preset}- ${link.b}`)).toEqual([
      "raspberry-pi-4 -wifi-4- jetson-nano",
      "raspberry-pi-4 -ethernet-1g- ncs2",
    ]);
  });

  test("refuses the last and the unknown", () => {
    const single: Rig = { devices: [deviceFromPreset("ncs2")], links: [], source: "ncs2", sink: "ncs2" };
    expect(sentence(removeDevice(single, "ncs2"))).toBe('"ncs2" is the rig\'s only device; a rig needs at least one.');
    expect(sentence(removeDevice(chain(), "x"))).toBe(
      'The rig has no device "x"; it has "raspberry-pi-4", "jetson-nano", "gpu-server".',
    );
  });
});

describe("moveDevice", () => {
  test("in a chain the links keep their places", () => {
    const rig = unwrap(moveDevice(chain(), "gpu-server", 1));
    expect(drawn(rig)).toBe("raspberry-pi-4 -wifi-5- gpu-server -ethernet-1g- jetson-nano");
    expect([rig.source, rig.sink]).toEqual(["raspberry-pi-4", "gpu-server"]);
  });

  test("a link's direction follows its place", () => {
    const rig = chainRig(
      ["raspberry-pi-4", "gpu-server"].map((key) => deviceFromPreset(key)),
      ["lte"],
    );
    const moved = unwrap(moveDevice(rig, "raspberry-pi-4", 1));
    expect(moved.links[0]).toMatchObject({ a: "gpu-server", b: "raspberry-pi-4" });
  });

  test("in any other rig the links keep their devices", () => {
    const ring = unwrap(addLink(chain(), "lora", "raspberry-pi-4", "gpu-server"));
    expect(drawn(unwrap(moveDevice(ring, "gpu-server", 0)))).toBe(
      "gpu-server -lora- raspberry-pi-4 -wifi-5- jetson-nano; jetson-nano -ethernet-1g- gpu-server",
    );
  });
});

describe("fields", () => {
  test("change and are checked", () => {
    const rig = unwrap(updateDevice(chain(), "jetson-nano", { loadFactor: 2.5, memory: bytes(2e9) }));
    expect(rig.devices[1]).toMatchObject({ id: "jetson-nano", preset: "jetson-nano", loadFactor: 2.5, memory: 2e9 });
    expect(sentence(updateDevice(rig, "jetson-nano", { loadFactor: 0 }))).toBe(
      'The load factor of device "jetson-nano" is 0; expected a number from 1 to 1000.',
    );
    expect(sentence(updateDevice(rig, "jetson-nano", { memory: bytes(Number.NaN) }))).toContain("is NaN; expected");
    expect(sentence(updateDevice(rig, "jetson-nano", { name: "  " }))).toBe('Device "jetson-nano" has no name.');

    const link = chain().links[0]?.id ?? "";
    expect(unwrap(updateLink(chain(), link, { aToB: bytesPerSecond(5) })).links[0]?.aToB).toBe(5);
    expect(sentence(updateLink(chain(), link, { latency: seconds(-1) }))).toContain("expected a number of at least 0");
    expect(sentence(updateLink(chain(), "x", {}))).toBe('The rig has no link "x".');
  });

  test("replaceDevice keeps id, load and links", () => {
    const loaded = unwrap(updateDevice(chain(), "jetson-nano", { loadFactor: 3 }));
    const rig = unwrap(replaceDevice(loaded, "jetson-nano", "jetson-orin-nano"));
    expect(rig.devices[1]).toMatchObject({ id: "jetson-nano", preset: "jetson-orin-nano", loadFactor: 3 });
    expect(rig.links).toEqual(loaded.links);
  });

  test("source and sink", () => {
    expect(unwrap(setSource(chain(), "jetson-nano")).source).toBe("jetson-nano");
    expect(unwrap(setSink(chain(), "raspberry-pi-4")).sink).toBe("raspberry-pi-4");
    expect(sentence(setSink(chain(), "x"))).toContain('no device "x"');
  });

  test("a link that holds the rig together cannot be removed", () => {
    const [first] = chain().links;
    expect(sentence(removeLink(chain(), first?.id ?? ""))).toContain("No link leads from the source");
    const ring = unwrap(addLink(chain(), "lora", "raspberry-pi-4", "gpu-server"));
    expect(unwrap(removeLink(ring, first?.id ?? "")).links).toHaveLength(2);
    expect(sentence(addLink(ring, "lora", "gpu-server", "raspberry-pi-4"))).toContain("have a link already");
  });
});

test("uniqueId counts up to the first free number", () => {
  expect(uniqueId("a", [])).toBe("a");
  expect(uniqueId("a", ["a", "a-2", "a-4"])).toBe("a-3");
});

test("any sequence of edits leaves a valid rig, and the rig before untouched", () => {
  const device = fc.constantFrom(...DEVICE_PRESETS.map((preset) => preset.id));
  const link = fc.constantFrom(...LINK_PRESETS.map((preset) => preset.id));
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), device, link, position: fc.integer({ min: -1, max: 9 }) }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat(20) }),
    fc.record({ kind: fc.constant("move" as const), which: fc.nat(20), position: fc.integer({ min: -1, max: 9 }) }),
    fc.record({ kind: fc.constant("link" as const), link, which: fc.nat(20), other: fc.nat(20) }),
    fc.record({ kind: fc.constant("unlink" as const), which: fc.nat(20) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let rig = defaultRig();
      for (const edit of steps) {
        const frozen = structuredClone(rig);
        const at = (which: number) => rig.devices[which % rig.devices.length]?.id ?? "";
        const result =
          edit.kind === "add"
            ? addDevice(rig, edit.device, edit.position, edit.link)
            : edit.kind === "remove"
              ? removeDevice(rig, at(edit.which))
              : edit.kind === "move"
                ? moveDevice(rig, at(edit.which), edit.position)
                : edit.kind === "link"
                  ? addLink(rig, edit.link, at(edit.which), at(edit.other))
                  : removeLink(rig, rig.links[edit.which % Math.max(1, rig.links.length)]?.id ?? "");
        expect(rig).toEqual(frozen);
        if (edit.kind === "add" || edit.kind === "move") expect(result.ok).toBe(true);
        if (edit.kind === "remove") expect(result.ok).toBe(rig.devices.length > 1);
        if (result.ok) {
          rig = result.value;
          expect(validateRig(rig).ok).toBe(true);
        }
      }
    }),
    { numRuns: 200 },
  );
});
