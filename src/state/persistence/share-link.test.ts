import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { restorePlan } from "../../core/export/restore-plan.ts";
import type { TensorType } from "../../core/onnx/model.ts";
import { unwrap } from "../../core/result.ts";
import { exportSubject } from "../../core/testing/export-subjects.ts";
import { createAppStore } from "../store.ts";
import { packText, unpackText } from "./packed-text.ts";
import { isLink, linkHash, readLink, sharedDocument, sharedPlan } from "./share-link.ts";

const { model, rig } = exportSubject("[x:4] -> a -t:10-> b -u:20-> c -> d -> [y:5]", [2]);
const SHA = "0123456789abcdef".repeat(4);
const state = createAppStore().getState();
const devices = rig.devices.slice(0, 2).map(({ id }) => id);

const sharedWith = (stageOf: readonly number[]) => {
  const session = {
    ...state.session,
    setting: { ...state.session.setting, rig, encoding: { ...state.session.setting.encoding, cut: "f16" as const } },
    plan: { devices, stageOf: Int32Array.from(stageOf) },
  };
  const givenTypes = new Map<string, TensorType>([["t", { kind: "tensor", elementType: "float16", shape: [1, 5] }]]);
  return sharedPlan({ ...state, session, objective: { mix: { latency: 2 } } }, { ...model, givenTypes }, SHA);
};

/** A hash with a document of our own making. */
const hashOf = async (document: object | string) =>
  `#plan=${await packText(typeof document === "string" ? document : JSON.stringify(document))}`;

async function documentOf(hash: string): Promise<Record<string, unknown>> {
  return JSON.parse(unwrap(await unpackText(hash.slice("#plan=".length), 2 ** 21)));
}

const refusal = async (hash: string) => {
  const answer = await readLink(hash);
  return answer.ok ? "" : answer.error;
};

describe("a link", () => {
  test("says the same after it was read, and the plan is the same on the model", async () => {
    for (const stages of [
      [0, 0, 1, 1],
      [0, 1, 1, 1],
      [1, 1, 1, 1],
    ]) {
      const shared = sharedWith(stages);
      const hash = unwrap(await linkHash(shared));
      expect(isLink(hash)).toBe(true);
      expect(hash).toMatch(/^#plan=[A-Za-z0-9_-]+$/);
      const read = unwrap(await readLink(hash));
      expect(read).toEqual(shared);
      const plan = unwrap(restorePlan(sharedDocument(read, model.graph), model.graph, read.rig));
      expect([...plan.stageOf]).toEqual(stages);
    }
  });

  test("that is damaged, cut short or of a later version is one sentence", async () => {
    const hash = unwrap(await linkHash(sharedWith([0, 0, 1, 1])));
    const document = await documentOf(hash);
    expect(await refusal(hash.slice(0, -20))).toBe("The link in the address is damaged: it is cut short or changed.");
    expect(await refusal("#plan=")).toContain("is damaged");
    expect(await refusal("#plan=%20")).toContain("characters that no such link has");
    expect(await refusal(`#plan=${"A".repeat(70_000)}`)).toContain("more than 65,536 characters");
    expect(await refusal(await hashOf("no json"))).toContain("not valid JSON");
    expect(await refusal(await hashOf({ ...document, version: 2 }))).toContain("made by a later version");
    expect(await refusal(await hashOf({ ...document, format: "x" }))).toContain('format is "x"');
    expect(await refusal(await hashOf({ ...document, runs: [[7, 1]] }))).toContain("runs is a list; expected pairs");
    expect(await refusal(await hashOf({ ...document, model: { name: "n", sha256: "x", dims: [] } }))).toContain(
      "64 hex",
    );
    expect(await refusal(await hashOf({ ...document, rig: { format: "splitscope-rig", version: 1e6 } }))).toContain(
      "version 1000000",
    );
  });

  test("that would unpack to more than it may is left packed", async () => {
    const bomb = await hashOf(" ".repeat(20_000_000));
    expect(bomb.length).toBeLessThan(65_536);
    expect(await refusal(bomb)).toContain("unpacks to more than 2,097,152 bytes");
  });

  test("changed anywhere, never breaks anything", async () => {
    const hash = unwrap(await linkHash(sharedWith([0, 0, 1, 1])));
    await fc.assert(
      fc.asyncProperty(fc.nat(hash.length), fc.string({ maxLength: 4 }), async (at, text) => {
        const answer = await readLink(`#plan=${hash.slice(6, at)}${text}${hash.slice(at + text.length)}`);
        if (answer.ok) restorePlan(sharedDocument(answer.value, model.graph), model.graph, answer.value.rig);
        else expect(answer.error).toMatch(/^The link in the address /);
      }),
      { numRuns: 200 },
    );
  });
});
