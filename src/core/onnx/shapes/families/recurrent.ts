import type { Dimension } from "../../model.ts";
import { tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";

/**
 * LSTM, GRU, RNN: X [S, B, I] and R [D, g H, H] -> Y [S, D, B, H] and the last states [D, B, H]; with layout 1 the
 * batch B comes first everywhere.
 */
const recurrence: Rule = (op) => {
  const input = op.shape(0);
  const elementType = op.elementType(0);
  if (input !== null && input.length !== 3) return `an input of rank ${input.length} is no batch of sequences`;
  const batchFirst = op.int("layout", 0) === 1;
  const [first = null, second = null] = input ?? [];
  const [steps, batch] = batchFirst ? [second, first] : [first, second];
  const directions = op.text("direction", "forward") === "bidirectional" ? 2 : 1;
  const stated = op.int("hidden_size", 0);
  const hidden: Dimension = stated > 0 ? stated : (op.shape(2)?.[2] ?? null);
  const state = tensor(elementType, batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
  const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  return [tensor(elementType, all), state, state];
};

export const recurrent: ShapeFamily = { domain: "", rules: { LSTM: recurrence, GRU: recurrence, RNN: recurrence } };

export const contribRecurrent: ShapeFamily = { domain: "com.microsoft", rules: { DynamicQuantizeLSTM: recurrence } };
