import type { OpenDimension } from "../../graph/graph.ts";
import type { Dimension, Model, TensorType } from "../model.ts";
import { typeOf } from "../types.ts";
import { inputShapes } from "./open-dimensions.ts";

const IMAGE = [224, 320, 640];
const VIDEO_FRAMES = [16, 8, 32];
const TOKENS = [128, 256, 512];
const AUDIO_SAMPLES = [512, 16_000];
const SPECTROGRAM_FRAMES = [3000, 1000, 100];

const TIME = /seq|len|tok|time|frame|text|word|step|sample|audio|wave/i;
const PAST = /past|cache/i;
const TOTAL = /total|past.*\+|attention|mask/i;
/** Mel bands of usual speech front ends. */
const BANDS = new Set([40, 64, 80, 128]);
const CHANNELS = new Set([1, 3, 4]);

/**
 * Sizes that are usual for an open dimension, likeliest first, for a dialog to offer: a guess from its name and the
 * input's rank, type and other sizes, never more than an offer. Empty where nothing is usual. With the first size
 * of each, a decoder's past and new tokens add up to the total. O(inputs).
 */
export function usualSizes(dimension: OpenDimension, model: Model): readonly number[] {
  if (dimension.suggested !== null)
    return [dimension.suggested, 4, 8].filter((size, i, all) => all.indexOf(size) === i);
  const { name, input, axis } = dimension;
  const type = inputType(model, input);
  const shape = type?.shape ?? [];
  if (hasPast(model)) {
    if (PAST.test(name) && !TOTAL.test(name)) return [127, 255, 511];
    if (TOTAL.test(name)) return [128, 256, 512];
    if (TIME.test(name)) return [1, 128];
  }
  const pictured = pictureSizes(shape, axis);
  if (pictured !== null) return pictured;
  const isFloat = type?.elementType === "float" || type?.elementType === "float16";
  if (isFloat && shape.length === 3 && axis === 2 && BANDS.has(sizeAt(shape, 1))) return SPECTROGRAM_FRAMES;
  if (isFloat && shape.length <= 2 && TIME.test(name)) return AUDIO_SAMPLES;
  if (TIME.test(name)) return TOKENS;
  const isInteger = type?.elementType === "int64" || type?.elementType === "int32";
  return isInteger && shape.length === 2 && axis === 1 ? TOKENS : [];
}

/** Height and width of pictures, and frames of videos: ranks 4 and 5 with a few channels first or last. */
function pictureSizes(shape: readonly Dimension[], axis: number): readonly number[] | null {
  const rank = shape.length;
  if (rank !== 4 && rank !== 5) return null;
  const first = CHANNELS.has(sizeAt(shape, 1));
  if (!first && !CHANNELS.has(sizeAt(shape, rank - 1))) return null;
  const place = axis - (first ? 2 : 1);
  if (place < 0 || place >= rank - 2) return null;
  return rank === 5 && place === 0 ? VIDEO_FRAMES : IMAGE;
}

function sizeAt(shape: readonly Dimension[], axis: number): number {
  const size = shape[axis];
  return typeof size === "number" ? size : Number.NaN;
}

/** True for a decoder with a key-value cache among its inputs. */
function hasPast(model: Model): boolean {
  return inputShapes(model).some(({ shape }) => shape.some((size) => typeof size === "string" && PAST.test(size)));
}

function inputType(model: Model, input: string): TensorType | undefined {
  const type = model.proto.graph?.input.find(({ name }) => name === input)?.type;
  return type === undefined ? undefined : typeOf(type);
}
