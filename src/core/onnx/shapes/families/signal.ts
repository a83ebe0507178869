import type { Dimension } from "../../model.ts";
import { axisOf, mapSize } from "../dimensions.ts";
import { open, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";

const half = (size: Dimension): Dimension => mapSize(size, (n) => Math.floor(n / 2) + 1);

/** DFT: real or complex numbers (1 or 2) in the last axis; the axis is an attribute, from operator set 20 on an input. */
const fourier: Rule = (op) => {
  const shape = op.shape(0);
  const elementType = op.elementType(0);
  if (shape === null) return [tensor(elementType, null)];
  const stated = op.opset >= 20 ? (op.has(2) ? op.scalar(2) : -2) : op.int("axis", 1);
  const axis = typeof stated === "number" ? axisOf(stated, shape.length) : null;
  if (axis === null) return `axis ${stated ?? "?"} is not in a tensor of rank ${shape.length}`;
  const length = op.has(1) ? op.scalar(1) : (shape[axis] ?? null);
  const isHalf = op.int("onesided", 0) === 1;
  const isInverse = op.int("inverse", 0) === 1;
  const transformed = shape.with(axis, isHalf && !isInverse ? half(length) : length);
  return [tensor(elementType, transformed.with(-1, isHalf && isInverse ? 1 : 2))];
};

/** STFT: signal [B, L, ...], step, window, frame length -> [B, frames, bins, 2]. */
const shortTimeFourier: Rule = (op) => {
  const signal = op.shape(0);
  const elementType = op.elementType(0);
  const step = op.scalar(1);
  const frame = op.has(3) ? op.scalar(3) : (op.shape(2)?.[0] ?? null);
  const length = signal?.[1] ?? null;
  const isKnown = typeof step === "number" && typeof frame === "number" && typeof length === "number" && step > 0;
  const frames = isKnown ? Math.floor((length - frame) / step) + 1 : null;
  const bins = op.int("onesided", 1) === 1 ? half(frame) : frame;
  const shape = [signal?.[0] ?? null, frames, bins, 2];
  return [
    shape.includes(null) ? open(elementType, shape, "its frames are computed from data") : tensor(elementType, shape),
  ];
};

/** Fourier transforms. */
export const signal: ShapeFamily = { domain: "", rules: { DFT: fourier, STFT: shortTimeFourier } };
