import type { Fields } from "../json.ts";
import type { TensorType } from "../onnx/model.ts";
import { givenTypesJson, readGivenTypes } from "../onnx/shapes/given-types-json.ts";
import { LARGEST_DIMENSION } from "../onnx/shapes/open-dimensions.ts";

/** What a person stated of a model whose file leaves it open. */
export interface StatedSizes {
  /** Sizes of symbolic dimensions by name. */
  readonly dims: ReadonlyMap<string, number>;
  /** Types of tensors of which inference cannot tell, by name. */
  readonly givenTypes: ReadonlyMap<string, TensorType>;
}

/** How a document names the model that it is of. */
export interface ModelReference extends StatedSizes {
  /** Name of the model's file. */
  readonly name: string;
  /** Lower-case hex; null where it is not known. */
  readonly sha256: string | null;
}

const SIZE = { integer: true, min: 1, max: LARGEST_DIMENSION } as const;

/** As documents have it; `readStated` reads it back. */
export function statedJson({ dims, givenTypes }: StatedSizes) {
  return { dims: [...dims].map(([name, size]) => ({ name, size })), givenTypes: givenTypesJson(givenTypes) };
}

/** Notes bad fields; none need be there. */
export function readStated(fields: Fields): StatedSizes {
  return {
    dims: new Map(fields.objects("dims", []).map((dim) => [dim.text("name"), dim.number("size", SIZE)])),
    givenTypes: readGivenTypes(fields),
  };
}

/** A digest out of the field "sha256"; notes what is none. */
export function readDigest(fields: Fields): string | null {
  const sha256 = fields.textOrNull("sha256", null);
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) fields.reject("sha256", "64 hexadecimal digits, or null");
  return sha256;
}
