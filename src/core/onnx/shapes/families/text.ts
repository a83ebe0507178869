import { open, tensor } from "../fact.ts";
import type { Rule, ShapeFamily } from "../rule.ts";

/** StringNormalizer: words that are stop words are left out. */
const normalizer: Rule = (op) => {
  const shape = op.shape(0);
  const stops = op.attribute("stopwords")?.strings.length ?? 0;
  if (stops === 0) return [tensor("string", shape)];
  const sizes = shape === null ? null : [...shape.slice(0, -1), null];
  return [open("string", sizes, "how many words are left depends on the data")];
};

/** TfIdfVectorizer: as many counts as the largest index among its n-grams says. */
const vectorizer: Rule = (op) => {
  const shape = op.shape(0);
  const indexes = op.ints("ngram_indexes") ?? [];
  const width = indexes.reduce((most, index) => Math.max(most, index + 1), 0);
  return [tensor("float", shape === null ? null : [...shape.slice(0, -1), width])];
};

const splitter: Rule = (op) => {
  const shape = op.shape(0);
  const parts = shape === null ? null : [...shape, null];
  return [open("string", parts, "how many parts there are depends on the data"), tensor("int64", shape)];
};

/** Strings. */
export const text: ShapeFamily = {
  domain: "",
  rules: {
    StringNormalizer: normalizer,
    TfIdfVectorizer: vectorizer,
    StringSplit: splitter,
    RegexFullMatch: (op) => [tensor("bool", op.shape(0))],
  },
};

export const contribText: ShapeFamily = {
  domain: "com.microsoft",
  rules: {
    StringNormalizer: normalizer,
    MurmurHash3: (op) => [tensor(op.int("positive", 1) === 1 ? "uint32" : "int32", op.shape(0))],
    Tokenizer: (op) => {
      const shape = op.shape(0);
      const words = shape === null ? null : [...shape, null];
      return [open("string", words, "how many words there are depends on the data")];
    },
  },
};
