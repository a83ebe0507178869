import type { OpFamily } from "./family.ts";
import { type OpView, product } from "./op-view.ts";

/**
 * LSTM, GRU, RNN: X [S, B, I], W [directions, g H, I], R [directions, g H, H]: every step of every sequence
 * multiplies by all of W and R. O(1). Source: ONNX operator schemas.
 */
function recurrence(op: OpView) {
  const [input, weights, recurrent] = [op.input(0), op.input(1), op.input(2)];
  if (input === null || weights === null || recurrent === null)
    return { macs: Number.NaN, opClass: "recurrent" } as const;
  const steps = product(input.slice(0, 2));
  return { macs: steps * (product(weights) + product(recurrent)), opClass: "recurrent" } as const;
}

export const recurrences: OpFamily = {
  types: ["LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"],
  work: recurrence,
};
