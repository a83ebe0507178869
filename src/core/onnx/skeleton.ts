import { err, ok, type Result } from "../result.ts";
import type { WeightLocation } from "./model.ts";
import type { ByteSource } from "./source.ts";
import { functionScope, sparseIndicesKey, subgraphScope, weightKey } from "./weight-key.ts";
import { type Field, LENGTH_DELIMITED, type WireFailure, WireReader, WireSink } from "./wire.ts";

/** Payloads up to this size stay in the skeleton. */
const INLINE_BYTES = 1024;
/** int32 and int64 payloads up to this size (1,024 int64) stay as well: shapes are computed from them. */
const INLINE_INTEGER_BYTES = 8 * 1024;
const INT32 = 6;
const INT64 = 7;

const DEPTH_LIMIT = 64;
const SKELETON_LIMIT = 256 * 1024 * 1024;
const COPY_CHUNK = 256 * 1024;
/** Names are read up to here; a longer one only loses the distinction from others that begin alike. */
const NAME_LIMIT = 64 * 1024;

/** Wire type of each field of ModelProto: what tells an ONNX file from other bytes. */
const MODEL_FIELDS: ReadonlyMap<number, readonly [name: string, wireType: number]> = new Map([
  [1, ["ir_version", 0]],
  [2, ["producer_name", 2]],
  [3, ["producer_version", 2]],
  [4, ["domain", 2]],
  [5, ["model_version", 0]],
  [6, ["doc_string", 2]],
  [7, ["graph", 2]],
  [8, ["opset_import", 2]],
  [14, ["metadata_props", 2]],
  [20, ["training_info", 2]],
  [25, ["functions", 2]],
  [26, ["configuration", 2]],
]);

/** Fields of TensorProto that hold elements and can be large in one piece (string_data cannot). */
const PAYLOADS: ReadonlyMap<number, WeightLocation["field"]> = new Map([
  [4, "floatData"],
  [5, "int32Data"],
  [7, "int64Data"],
  [9, "rawData"],
  [10, "doubleData"],
  [11, "uint64Data"],
]);

export interface Skeleton {
  /** A ModelProto in wire format without its large payloads. */
  readonly bytes: Uint8Array;
  /** Where the payloads lie in the file, by `weightKey`; of two equal keys the later one counts. */
  readonly weights: ReadonlyMap<string, WeightLocation>;
}

/**
 * Copies an ONNX file except the large payloads of initializers and of Constant nodes, bodies and functions
 * included, and says where those lie. One pass over the structure; payloads are not read. Strings and elements
 * written one by one (unpacked) are copied. O(structure) time and memory, at most 256 MiB.
 */
export function readSkeleton(source: ByteSource): Result<Skeleton> {
  return new SkeletonPass(source).run();
}

/** Visits a field; true when it took care of it, else the field is copied. */
type Visit = (field: Field) => boolean;

class SkeletonPass {
  readonly #source: ByteSource;
  readonly #reader: WireReader;
  readonly #sink = new WireSink();
  readonly #weights = new Map<string, WeightLocation>();
  readonly #decoder = new TextDecoder();
  #refusal: string | null = null;
  #depth = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#reader = new WireReader(source);
  }

  run(): Result<Skeleton> {
    const wellFormed = this.#model();
    if (this.#refusal !== null) return err(this.#refusal);
    if (this.#reader.failure !== null) return err(this.#explain(this.#reader.failure, wellFormed));
    return ok({ bytes: this.#sink.bytes(), weights: this.#weights });
  }

  /** Returns the number of fields of ModelProto that were read. */
  #model(): number {
    let fields = 0;
    this.#rewrite(0, this.#source.size, (field) => {
      const known = MODEL_FIELDS.get(field.number);
      if (known === undefined ? fields === 0 : known[1] !== field.wireType) {
        return this.#refuse(notOnnx(this.#source.name, field.start));
      }
      fields += 1;
      if (field.number === 7) return this.#nested(field, () => this.#graph(field, ""));
      if (field.number === 25) return this.#nested(field, () => this.#function(field));
      if (field.number === 20) return this.#nested(field, () => this.#training(field));
      return false;
    });
    return fields;
  }

  #graph(graph: Field, scope: string): void {
    let nodes = 0;
    this.#rewrite(graph.body, graph.end, (field) => {
      switch (field.number) {
        case 1: {
          const position = nodes;
          nodes += 1;
          return this.#nested(field, () => this.#node(field, scope, position));
        }
        case 5:
          return this.#nested(field, () => this.#tensor(field, scope, null));
        case 15:
          return this.#nested(field, () => this.#sparse(field, scope, null));
        default:
          return false;
      }
    });
  }

  #training(training: Field): void {
    this.#rewrite(training.body, training.end, (field) => {
      if (field.number > 2) return false;
      return this.#nested(field, () => this.#graph(field, `training.${field.number}/`));
    });
  }

  #function(definition: Field): void {
    const name = this.#text(definition, 1);
    const scope = functionScope(this.#text(definition, 10), name, this.#text(definition, 13));
    let nodes = 0;
    this.#rewrite(definition.body, definition.end, (field) => {
      if (field.number !== 7) return false;
      const position = nodes;
      nodes += 1;
      return this.#nested(field, () => this.#node(field, scope, position));
    });
  }

  #node(node: Field, scope: string, position: number): void {
    const domain = this.#text(node, 7);
    const isConstant = this.#text(node, 4) === "Constant" && (domain === "" || domain === "ai.onnx");
    const key = isConstant ? weightKey(scope, this.#text(node, 2)) : null;
    this.#rewrite(node.body, node.end, (field) => {
      if (field.number !== 5) return false;
      return this.#nested(field, () => this.#attribute(field, scope, position, key));
    });
  }

  /** `constant`: the key of the payload where the node is a Constant. */
  #attribute(attribute: Field, scope: string, node: number, constant: string | null): void {
    const name = this.#text(attribute, 1);
    let bodies = 0;
    this.#rewrite(attribute.body, attribute.end, (field) => {
      switch (field.number) {
        case 5:
          return constant !== null && this.#nested(field, () => this.#tensor(field, scope, constant));
        case 22:
          return constant !== null && this.#nested(field, () => this.#sparse(field, scope, constant));
        case 6:
          return this.#nested(field, () => this.#graph(field, subgraphScope(scope, node, name)));
        case 11: {
          const element = bodies;
          bodies += 1;
          return this.#nested(field, () => this.#graph(field, subgraphScope(scope, node, name, element)));
        }
        default:
          return false;
      }
    });
  }

  #sparse(sparse: Field, scope: string, constant: string | null): void {
    let key = constant;
    if (key === null) {
      const values = this.#find(sparse, 1);
      key = weightKey(scope, values === null ? "" : this.#text(values, 8));
    }
    const [valuesKey, indicesKey] = [key, sparseIndicesKey(key)];
    this.#rewrite(sparse.body, sparse.end, (field) => {
      if (field.number > 2) return false;
      return this.#nested(field, () => this.#tensor(field, scope, field.number === 1 ? valuesKey : indicesKey));
    });
  }

  #tensor(tensor: Field, scope: string, key: string | null): void {
    const dataType = this.#find(tensor, 2)?.value ?? 0;
    const inline = dataType === INT32 || dataType === INT64 ? INLINE_INTEGER_BYTES : INLINE_BYTES;
    const name = key ?? weightKey(scope, this.#text(tensor, 8));
    let pieces = 0;
    let removed = 0;
    this.#rewrite(tensor.body, tensor.end, (field) => {
      const payload = PAYLOADS.get(field.number);
      if (payload === undefined || field.end === field.body) return false;
      pieces += 1;
      const large = field.wireType === LENGTH_DELIMITED && field.end - field.body > inline;
      if (large) removed += 1;
      if (removed > 0 && pieces > 1) {
        return this.#refuse(
          `"${this.#source.name}": the elements of tensor "${name}" stand in several pieces; one piece was expected.`,
        );
      }
      if (!large) return false;
      this.#weights.set(name, { blob: 0, offset: field.body, length: field.end - field.body, field: payload });
      return true;
    });
  }

  /** Walks the fields of a message from `start` to `end`; what `visit` leaves is copied. */
  #rewrite(start: number, end: number, visit: Visit): void {
    for (let field = this.#reader.field(start, end); field !== null; field = this.#reader.field(field.end, end)) {
      if (!visit(field)) this.#copy(field.start, field.end);
      if (this.#refusal !== null) return;
    }
  }

  /** Rewrites a nested message by `walk`, or leaves one that is too small to hold a large payload to be copied. */
  #nested(field: Field, walk: () => void): boolean {
    if (field.wireType !== LENGTH_DELIMITED || field.end - field.body <= INLINE_BYTES) return false;
    if (this.#depth === DEPTH_LIMIT) {
      return this.#refuse(
        `"${this.#source.name}" nests messages deeper than ${DEPTH_LIMIT} levels at byte ${count(field.start)}; ` +
          "no usual model does.",
      );
    }
    const mark = this.#sink.open(field.number);
    this.#depth += 1;
    walk();
    this.#depth -= 1;
    this.#sink.close(mark);
    return true;
  }

  #copy(start: number, end: number): void {
    if (this.#sink.length + end - start > SKELETON_LIMIT) {
      this.#refuse(
        `"${this.#source.name}" holds more than ${count(SKELETON_LIMIT)} bytes besides its weights; ` +
          "at most that much was expected.",
      );
      return;
    }
    for (let at = start; at < end; at += COPY_CHUNK) {
      this.#sink.append(this.#reader.window.slice(at, Math.min(COPY_CHUNK, end - at)));
    }
  }

  /** The first field `number` of `message`, or null. */
  #find(message: Field, number: number): Field | null {
    const { body, end } = message;
    for (let field = this.#reader.field(body, end); field !== null; field = this.#reader.field(field.end, end)) {
      if (field.number === number) return field;
    }
    return null;
  }

  #text(message: Field, number: number): string {
    const field = this.#find(message, number);
    if (field === null) return "";
    return this.#decoder.decode(this.#reader.window.slice(field.body, Math.min(field.end - field.body, NAME_LIMIT)));
  }

  #refuse(sentence: string): true {
    this.#refusal ??= sentence;
    return true;
  }

  #explain(failure: WireFailure, wellFormed: number): string {
    const { name, size } = this.#source;
    if (wellFormed === 0) return notOnnx(name, failure.offset);
    if (failure.kind === "overrun" && failure.end > size) {
      const what = MODEL_FIELDS.get(failure.field)?.[0];
      return (
        `"${name}" is truncated: ${what === undefined ? "a field" : `its ${what}`} reaches to byte ` +
        `${count(failure.end)}, but the file ends after ${count(size)} bytes (at least ${count(failure.end - size)} are missing).`
      );
    }
    const problem = {
      overrun: "reaches past the end of the message that holds it",
      tag: "has a tag that protobuf does not allow",
      varint: "has a number longer than 10 bytes",
    }[failure.kind];
    return `"${name}" is damaged: the field at byte ${count(failure.offset)} ${problem}.`;
  }
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function notOnnx(name: string, offset: number): string {
  return `"${name}" is not an ONNX model: no field of an ONNX model begins at byte ${count(offset)}.`;
}
