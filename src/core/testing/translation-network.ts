import { item } from "../columns.ts";
import { type AbstractProblem, namedProblem } from "../plan/abstract-problem.ts";
import type { Problem } from "../plan/problem.ts";
import { unwrap } from "../result.ts";
import { createRandom } from "./random.ts";

/** Layers of the three towers, and of what follows them: 26 x 26 x 27 + 40 - 1 down-sets. */
const TOWERS = [25, 25, 26] as const;
const TAIL = 40;
export const TRANSLATION_DOWN_SETS = 26 * 26 * 27 + TAIL - 1;

/**
 * A network for translation in the manner of GNMT: two encoders, one for each direction of reading, and the decoder's own
 * layers side by side, then attention and the layers after it one by one; every layer takes time, so that no two of
 * them can be put together. Six accelerators, each with one port, and a CPU ten times as slow, as in
 * msr-fiddle/dnn-partitioning, whose GNMT has 17,914 down-sets.
 */
export function translationNetwork(seed: number): Problem {
  const random = createRandom(seed);
  const ops: { id: string; seconds: number[]; weightBytes: number }[] = [];
  const tensors: { id: string; producer: string; consumers: string[]; bytes: number; output: boolean }[] = [];
  const add = (inputs: readonly number[]): number => {
    const seconds = 1e-3 * (1 + 5 * random.next());
    const number = ops.length;
    const id = `layer ${number}`;
    ops.push({ id, seconds: [...Array.from({ length: 6 }, () => seconds), 10 * seconds], weightBytes: 1e6 });
    tensors.push({ id: `out ${number}`, producer: id, consumers: [], bytes: 1e6 * (1 + random.next()), output: false });
    for (const input of inputs) item(tensors, input).consumers.push(id);
    return number;
  };
  const ends = TOWERS.map((length) => {
    let last: number | null = null;
    for (let i = 0; i < length; i++) last = add(last === null ? [] : [last]);
    return last ?? 0;
  });
  let last = add(ends);
  for (let i = 1; i < TAIL; i++) last = add([last]);
  const port = { sendBytesPerSecond: 2e9, receiveBytesPerSecond: 2e9 };
  const device = (id: string) => ({ id, memoryBytes: null, stageOverheadSeconds: 0 });
  const problem: AbstractProblem = {
    name: "translation network",
    source: null,
    sink: null,
    delivery: "port",
    overlap: false,
    devices: [...Array.from({ length: 6 }, (_, i) => ({ ...device(`accelerator ${i + 1}`), port })), device("CPU")],
    links: [],
    ops,
    // What the last layer writes leaves at no cost, as in the original.
    tensors: tensors.filter(({ consumers }) => consumers.length > 0),
  };
  return unwrap(namedProblem(problem)).problem;
}
