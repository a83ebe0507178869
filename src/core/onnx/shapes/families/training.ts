import type { Rule, ShapeFamily } from "../rule.ts";
import { likeInput } from "./elementwise.ts";

/**
 * Optimisers: learning rate, step, then `groups` lists of as many tensors each: parameters, gradients, moments. All
 * but the gradients are written anew.
 */
function optimizer(groups: number): Rule {
  return (op) => {
    const count = Math.floor((op.inputs.length - 2) / groups);
    const written = Array.from({ length: groups }, (_, group) => group).filter((group) => group !== 1);
    return written.flatMap((group) => Array.from({ length: count }, (_, n) => likeInput(op, 2 + group * count + n)));
  };
}

/** Ops of training. */
export const training: ShapeFamily = {
  domain: "ai.onnx.preview.training",
  rules: {
    Adagrad: optimizer(3),
    Adam: optimizer(4),
    Momentum: optimizer(3),
    Gradient: (op) => Array.from({ length: op.outputCount }, (_, place) => likeInput(op, place)),
  },
};
