import type { DimensionBindings } from "../onnx/model.ts";
import type { Encoding } from "../plan/wire.ts";

const OFFSETS = [0xdeadbeef, 0x41c6ce57] as const;
const FACTORS = [2654435761, 1597334677] as const;

/** 53 bits of a text as hex: cyrb53 (bryc, public domain). Tells texts apart, is no protection. O(length). */
function hash53(parts: Iterable<number>): string {
  let [a, b]: number[] = [...OFFSETS];
  for (const part of parts) {
    a = Math.imul((a ?? 0) ^ part, FACTORS[0]);
    b = Math.imul((b ?? 0) ^ part, FACTORS[1]);
  }
  const [x, y] = [a ?? 0, b ?? 0];
  const mixed = (p: number, q: number) => Math.imul(p ^ (p >>> 16), 2246822507) ^ Math.imul(q ^ (q >>> 13), 3266489909);
  const high = mixed(y, x) & 0x1fffff;
  const low = mixed(x, y) >>> 0;
  return (4294967296 * high + low).toString(16).padStart(14, "0");
}

/** What of a plan its segments depend on; devices do not matter. */
export interface SegmentedPlan {
  /** SHA-256 of the model's file; null where it is not known. */
  readonly sha256: string | null;
  readonly bindings: DimensionBindings;
  readonly stageOf: Int32Array;
  readonly encoding: Pick<Encoding, "input" | "cut">;
}

/** The same for the same segments of the same model: what was verified for one holds for the other. O(ops). */
export function segmentsFingerprint({ sha256, bindings, stageOf, encoding }: SegmentedPlan): string {
  const head = JSON.stringify([sha256, [...bindings].sort(), encoding.input, encoding.cut]);
  const codes = Array.from(head, (character) => character.codePointAt(0) ?? 0);
  return hash53([...codes, -1, ...stageOf]);
}
