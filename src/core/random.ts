/** A seeded source of pseudo-random numbers: the same seed gives the same sequence on every engine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [low, high]. */
  integer(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

const STEP = 0x6d2b79f5;

/** The mulberry32 generator (Tommy Ettinger, public domain): period 2^32, integer operations only. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + STEP) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const chosen = list[integer(0, list.length - 1)];
      if (chosen === undefined) throw new RangeError("cannot pick from an empty list");
      return chosen;
    },
  };
}

/** Output function of mulberry32: 32 bits from its state, as a signed number. */
function mix(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return t ^ (t >>> 14);
}

/** Fills with uniform numbers in [-limit, limit) from the mulberry32 sequence of `seed`. */
export function fillUniform(target: Float32Array, seed: number, limit: number): void {
  const scale = limit / 2 ** 31;
  let state = seed | 0;
  for (let i = 0; i < target.length; i++) {
    state = (state + STEP) | 0;
    target[i] = mix(state) * scale;
  }
}

/** Fills with uniform numbers in [0, 1), those of `createRandom(seed).next` in order. */
export function fillUnit(target: Float32Array | Float64Array, seed: number): void {
  let state = seed | 0;
  for (let i = 0; i < target.length; i++) {
    state = (state + STEP) | 0;
    target[i] = (mix(state) >>> 0) / 2 ** 32;
  }
}

/** A seed that depends on a name (FNV-1a over UTF-16 units), so that each weight has a sequence of its own. */
export function seedFor(name: string, seed: number): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}
