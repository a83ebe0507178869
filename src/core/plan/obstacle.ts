import type { TensorType } from "../onnx/model.ts";

/** Why a tensor of this type cannot be sent from stage to stage, as the end of a sentence; null where it can. */
export function sendingObstacle({ kind, elementType }: TensorType): string | null {
  if (kind === "other") return "it is a sequence, map, optional or sparse tensor; expected cuts through plain tensors";
  if (elementType === "undefined") return "its element type is not known; expected cuts through tensors of known type";
  return null;
}
