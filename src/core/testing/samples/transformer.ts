import { type Feature, Layers } from "../layers.ts";
import { ModelBuilder, type WeightStyle } from "../model-builder.ts";

export interface TransformerOptions {
  readonly layers?: number;
  readonly hidden?: number;
  readonly heads?: number;
  /** Width of the feed-forward layer, default 4 x hidden. */
  readonly ffn?: number;
  /** Whether an attention mask is an input; its tensor then feeds every layer. Default true. */
  readonly mask?: boolean;
  readonly vocabulary?: number;
  /** Longest sequence. */
  readonly positions?: number;
  readonly weights?: WeightStyle;
}

/** Ops of one encoder layer with a mask, and of what stands around the layers. */
const LAYER_OPS = 34;
const OUTER_OPS = 14;

/** Layers with which `transformer` (mask on) has nearest to `ops` ops, constants left out. */
export function layersForOps(ops: number): number {
  return Math.max(1, Math.round((ops - OUTER_OPS) / LAYER_OPS));
}

/**
 * A BERT encoder (Devlin et al., 2018; defaults: BERT-base, 12 layers, uncased vocabulary) as torch exports
 * `BertModel` without pooler: token ids in, last hidden state out, "batch" and "sequence" open; position ids sliced
 * by the sequence length, which makes a Shape side path; heads split and merged by Reshape with copied dimensions
 * (0). Synthetic weights; light by default, as the full ones of BERT-base are 435 MB.
 */
export function transformer(options: TransformerOptions = {}): Uint8Array<ArrayBuffer> {
  const { layers: depth = 12, hidden = 768, heads = 12, ffn = 4 * hidden, mask = true, weights = "light" } = options;
  if (hidden % heads !== 0) throw new RangeError(`hidden size ${hidden} is not a multiple of ${heads} heads`);
  const net = new ModelBuilder({ name: "transformer", weights });
  const layers = new Layers(net);
  let x = embeddings(net, layers, hidden, options);
  const bias = mask ? maskBias(net) : null;
  for (let layer = 0; layer < depth; layer++) {
    const path = `/encoder/layer.${layer}`;
    const attended = attention(net, layers, x, `${path}/attention`, heads, bias);
    let y = layers.dense(attended, ffn, `${path}/intermediate/dense`, Math.SQRT2);
    y = gelu(net, y, `${path}/intermediate/intermediate_act_fn`);
    y = layers.dense(y, hidden, `${path}/output/dense`);
    y = layers.add(y, attended, `${path}/output`);
    const outputs = layer === depth - 1 ? ["last_hidden_state"] : undefined;
    x = layers.layerNorm(y, `${path}/output/LayerNorm`, outputs);
  }
  return net.output(x.name, "float", ["batch", "sequence", hidden]).bytes();
}

/** Sum of token, type and position embeddings, normalised. */
function embeddings(net: ModelBuilder, layers: Layers, hidden: number, options: TransformerOptions): Feature {
  const { vocabulary = 30_522, positions = 512 } = options;
  const path = "/embeddings";
  const ids = net.input("input_ids", "int64", ["batch", "sequence"]);
  const types = net.input("token_type_ids", "int64", ["batch", "sequence"]);
  const table = (name: string, rows: number) => net.weight(`embeddings.${name}.weight`, [rows, hidden], 1);
  const lookUp = (name: string, rows: number, indices: string) =>
    net.node("Gather", [table(name, rows), indices], { path: `${path}/${name}`, attributes: { axis: 0 } });

  const words = lookUp("word_embeddings", vocabulary, ids);
  const tokenTypes = lookUp("token_type_embeddings", 2, types);
  const tokens = net.node("Add", [words, tokenTypes], { path });

  const shape = net.node("Shape", [ids], { path });
  const one = net.integers("one", [1]);
  const length = net.node("Gather", [shape, one], { path, attributes: { axis: 0 } });
  const allPositions = net.integers(
    "embeddings.position_ids",
    Array.from({ length: positions }, (_, i) => i),
    [1, positions],
  );
  const slice = [allPositions, net.integers("zero", [0]), length, one, one];
  const positionIds = net.node("Slice", slice, { path });
  const placed = lookUp("position_embeddings", positions, positionIds);
  const sum = net.node("Add", [tokens, placed], { path });
  return layers.layerNorm({ name: sum, size: hidden }, `${path}/LayerNorm`);
}

/** 0 where a token may be attended to, the least float where not, as [batch, 1, 1, sequence]. */
function maskBias(net: ModelBuilder): string {
  const mask = net.input("attention_mask", "int64", ["batch", "sequence"]);
  const rows = net.node("Unsqueeze", [mask, net.integers("one", [1])]);
  const wide = net.node("Unsqueeze", [rows, net.integers("two", [2])]);
  const float = net.node("Cast", [wide], { attributes: { to: 1 } });
  const hidden = net.node("Sub", [net.floats("mask.one", [1], []), float]);
  return net.node("Mul", [hidden, net.floats("mask.least", [-3.4028234663852886e38], [])]);
}

function attention(
  net: ModelBuilder,
  layers: Layers,
  x: Feature,
  path: string,
  heads: number,
  bias: string | null,
): Feature {
  const self = `${path}/self`;
  const width = x.size / heads;
  const split = net.integers("attention.split", [0, 0, heads, width]);
  const merge = net.integers("attention.merge", [0, 0, x.size]);
  const node = (type: string, inputs: readonly string[], attributes = {}) =>
    net.node(type, inputs, { path: self, attributes });
  const project = (name: string, perm: readonly number[]) => {
    const projected = layers.dense(x, x.size, `${self}/${name}`);
    return node("Transpose", [node("Reshape", [projected.name, split])], { perm });
  };
  const query = project("query", [0, 2, 1, 3]);
  const key = project("key", [0, 2, 3, 1]);
  const value = project("value", [0, 2, 1, 3]);

  const products = node("MatMul", [query, key]);
  const scores = node("Div", [products, net.floats("attention.scale", [Math.sqrt(width)], [])]);
  const masked = bias === null ? scores : node("Add", [scores, bias]);
  const shares = node("Softmax", [masked], { axis: -1 });
  const context = node("Transpose", [node("MatMul", [shares, value])], { perm: [0, 2, 1, 3] });
  const merged = { name: node("Reshape", [context, merge]), size: x.size };

  const output = layers.dense(merged, x.size, `${path}/output/dense`);
  return layers.layerNorm(layers.add(output, x, `${path}/output`), `${path}/output/LayerNorm`);
}

/** x / 2 x (1 + erf(x / sqrt 2)) in the five ops that torch exports for opset 17. */
function gelu(net: ModelBuilder, x: Feature, path: string): Feature {
  const scaled = net.node("Div", [x.name, net.floats("gelu.sqrt2", [Math.SQRT2], [])], { path });
  const erf = net.node("Erf", [scaled], { path });
  const shifted = net.node("Add", [erf, net.floats("gelu.one", [1], [])], { path });
  const product = net.node("Mul", [x.name, shifted], { path });
  return { ...x, name: net.node("Mul", [product, net.floats("gelu.half", [0.5], [])], { path }) };
}
