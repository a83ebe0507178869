import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { at, item } from "../core/columns.ts";
import type { OpenedGraph } from "../core/graph/opened-model.ts";
import { isResolved } from "../core/onnx/shapes/interpret.ts";
import { bytesSource } from "../core/onnx/source.ts";
import { unwrap } from "../core/result.ts";
import { openModel } from "./open-model.ts";

/** Real models beside the project; see the README there for where they come from. */
const folder = new URL("../../../shared/models/", import.meta.url);
const present = existsSync(folder);
if (!present) console.log(`bodies: skipped, ${folder.pathname} is absent`);

test.skipIf(!present)("bodies in real models: every tensor typed, and an op's work is that of its bodies", async () => {
  const counts: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".onnx"))) {
    const bytes = new Uint8Array(readFileSync(new URL(file, folder)));
    const model = unwrap(await openModel(bytesSource(file, bytes), { assumeUsual: true }));
    const pending: OpenedGraph[] = [model];
    let bodies = 0;
    let ops = 0;
    // The list grows while it is walked.
    for (const part of pending) {
      for (const [op, held] of part.bodies) {
        const inside = held.bodies.map((body) => body.totals.macs);
        expect(at(part.costs.macs, op)).toBe(Math.max(...inside) * held.runs);
        for (const body of held.bodies) {
          bodies += 1;
          ops += body.totals.ops;
          expect(body.reason).toBeNull();
          if (body.inside === null) continue;
          pending.push(body.inside);
          for (const [tensor, type] of body.inside.graph.tensorTypes.entries()) {
            expect([item(body.inside.graph.tensorNames, tensor), isResolved(type)]).toEqual([expect.anything(), true]);
          }
        }
      }
    }
    if (bodies > 0) counts.push(`${file}: ${bodies} bodies, ${ops} ops`);
  }
  console.log(`bodies in ../shared/models: ${counts.join("; ")}`);
  expect(counts.length).toBeGreaterThan(0);
});
