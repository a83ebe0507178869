import type { Fields } from "../../json.ts";
import { elementTypeNamed } from "../element-types.ts";
import type { TensorType } from "../model.ts";

/** Types that a person stated for tensors, by name, as lists of plain objects for files. O(types). */
export function givenTypesJson(types: ReadonlyMap<string, TensorType>): readonly object[] {
  return [...types].map(([tensor, { elementType, shape }]) => ({ tensor, elementType, shape }));
}

const SIZE = { integer: true, min: 0 } as const;

/**
 * The same as read out of a part of a file; none where the file does not speak of them. Notes bad fields; whether they
 * fit the model is told when that is opened. O(types).
 */
export function readGivenTypes(fields: Fields): ReadonlyMap<string, TensorType> {
  return new Map(
    fields.objects("givenTypes", []).map((given) => {
      const elementType = elementTypeNamed(given.text("elementType"));
      if (elementType === null) given.reject("elementType", "an element type of ONNX");
      const shape = given.numberList("shape", SIZE);
      return [given.text("tensor"), { kind: "tensor", elementType: elementType ?? "float", shape }];
    }),
  );
}
