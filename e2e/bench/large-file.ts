import { closeSync, ftruncateSync, mkdtempSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformer } from "../../src/core/testing/samples/transformer.ts";

const LAYERS = 12;
const WEIGHT_BYTES = 554e6;

/** Field 9 of TensorProto (raw_data), field 5 of GraphProto (initializer), as tags of length-delimited fields. */
const RAW_DATA = 9 * 8 + 2;
const INITIALIZER = 5 * 8 + 2;
const GRAPH = 7 * 8 + 2;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

/**
 * A transformer's file with 554 MB of weights that nobody reads behind it, as sixteen further initializers of zeros.
 * Messages of one field concatenate: a second `graph` field adds to the first. The zeros are a hole in the file where
 * the file system has such. Gives the path; the caller removes its folder.
 */
export function largeWeightsFile(): string {
  const count = 16;
  const rows = Math.floor(WEIGHT_BYTES / count / 4);
  const path = join(mkdtempSync(join(tmpdir(), "splitscope-")), "large.onnx");
  const file = openSync(path, "w");
  const head = transformer({ layers: LAYERS, hidden: 64, heads: 4, vocabulary: 100, weights: "light" });
  let offset = writeSync(file, head);
  for (let tensor = 0; tensor < count; tensor++) {
    const name = Buffer.from(`ballast.${tensor}`);
    // dims, data_type float, name, then the payload.
    const fields = [8, ...varint(rows), 16, 1, 8 * 8 + 2, name.length, ...name, RAW_DATA, ...varint(4 * rows)];
    const initializer = fields.length + 4 * rows;
    const prefix = [INITIALIZER, ...varint(initializer)];
    const lead = Buffer.from([GRAPH, ...varint(prefix.length + initializer), ...prefix, ...fields]);
    writeSync(file, lead, 0, lead.length, offset);
    offset += lead.length + 4 * rows;
    ftruncateSync(file, offset);
  }
  closeSync(file);
  return path;
}
