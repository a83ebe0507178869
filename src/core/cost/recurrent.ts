import type { OpFamily, Work } from "./family.ts";
import { type OpView, product } from "./op-view.ts";

/**
 * LSTM, GRU, RNN: X [S, B, I] (or [B, S, I]), W [directions, g H, I], R [directions, g H, H]: every step of every
 * sequence multiplies by all of W and R. Gates and peepholes are elementwise and take none. O(1). Source: ONNX
 * operator schemas.
 */
function recurrence(op: OpView): Work {
  const [input, weights, recurrent] = [op.input(0), op.input(1), op.input(2)];
  const isKnown = input !== null && weights !== null && recurrent !== null;
  const macs = isKnown ? product(input.slice(0, 2)) * (product(weights) + product(recurrent)) : Number.NaN;
  return { macs, opClass: "recurrent" };
}

export const recurrences: OpFamily = {
  types: ["LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"],
  work: recurrence,
};
