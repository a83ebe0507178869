/**
 * The compression function of SHA-256 (FIPS 180-4, 6.2.2) as a WebAssembly module, all 64 rounds written out: engines run
 * it at twice the speed of the same in JavaScript, whose shifts they have to recognise as rotations. The module is made
 * of its description here, 8 KB, in a millisecond.
 *
 * It exports its memory, "memory", and "compress", which takes a number of blocks, at least one: they lie from byte
 * `BLOCKS_AT` on, the state as eight words at byte 0.
 */

export const BLOCKS_AT = 64;
export const BLOCK_BYTES = 64;
/** Blocks that fit into the memory, with room for two more to end with. */
export const MOST_BLOCKS = 1024;
/** Of 64 KiB. */
const PAGES = 2;

/** The first 64 primes. */
function primes(): readonly bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < 64; candidate++) {
    if (found.every((prime) => candidate % prime !== 0n)) found.push(candidate);
  }
  return found;
}

/** The largest whole number whose power is at most `value`, below 2^40. */
function root(value: bigint, power: bigint): bigint {
  let found = 0n;
  for (let bit = 1n << 39n; bit > 0n; bit >>= 1n) if ((found + bit) ** power <= value) found += bit;
  return found;
}

/** The first 32 bits of the fractional part of a root, as the standard derives its constants. */
const fraction = (prime: bigint, power: bigint): number => Number(root(prime << (32n * power), power) & 0xffffffffn);

/** The state that a hash begins with: of the square roots of the first 8 primes. */
export function initialState(): readonly number[] {
  return primes()
    .slice(0, 8)
    .map((prime) => fraction(prime, 2n));
}

type Code = readonly number[];

/** Whole numbers in LEB128, unsigned and of 32 bits with a sign. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
function signed(value: number): Code {
  const [low, rest] = [value & 127, value >> 7];
  const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return isLast ? [low] : [low | 128, ...signed(rest)];
}

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const tee = (local: number): Code => [0x22, local];
const constant = (value: number): Code => [0x41, ...signed(value | 0)];
const load = (offset: number): Code => [0x28, 2, ...unsigned(offset)];
const store = (offset: number): Code => [0x36, 2, ...unsigned(offset)];
const [ADD, SUB, AND, OR, XOR, SHR, ROTL, ROTR] = [0x6a, 0x6b, 0x71, 0x72, 0x73, 0x76, 0x77, 0x78] as const;
const LOOP = [0x03, 0x40];
const BRANCH_IF = 0x0d;
const END = 0x0b;
const I32 = 0x7f;

// Locals: blocks left, the working variables a to h, 16 words of the schedule, where the block is, a sum, the state.
const LEFT = 0;
const WORKING = 1;
const WORDS = 9;
const AT = 25;
const SUM = 26;
const STATE = 27;
const LOCALS = 34;

const rotated = (local: number, by: number): Code => [...get(local), ...constant(by), ROTR];

/** The upper-case sigmas of the standard. */
function bigSigma(local: number, first: number, second: number, third: number): Code {
  return [...rotated(local, first), ...rotated(local, second), XOR, ...rotated(local, third), XOR];
}

/** The lower-case ones. */
function smallSigma(local: number, first: number, second: number, shift: number): Code {
  return [...rotated(local, first), ...rotated(local, second), XOR, ...get(local), ...constant(shift), SHR, XOR];
}

/** A word of the block, which has the highest byte first. */
function readWord(word: number): Code {
  const swapped = [
    ...[...tee(SUM), ...constant(8), ROTL, ...constant(0x00ff00ff), AND],
    ...[...get(SUM), ...constant(24), ROTL, ...constant(0xff00ff00), AND, OR],
  ];
  return [...get(AT), ...load(4 * word), ...swapped, ...set(WORDS + word)];
}

/** A word of the schedule in place of the one sixteen before. */
function nextWord(round: number): Code {
  const word = (behind: number) => WORDS + ((round + behind) & 15);
  return [
    ...[...get(word(0)), ...smallSigma(word(1), 7, 18, 3), ADD],
    ...[...get(word(9)), ADD, ...smallSigma(word(14), 17, 19, 10), ADD, ...set(word(0))],
  ];
}

/** One round; the working variables change their names in place of their values. */
function round(index: number, key: number): Code {
  const variable = (place: number) => WORKING + ((place - index) & 7);
  const [a, b, c, d] = [variable(0), variable(1), variable(2), variable(3)];
  const [e, f, g, h] = [variable(4), variable(5), variable(6), variable(7)];
  const choice = [...get(g), ...get(e), ...get(f), ...get(g), XOR, AND, XOR];
  const majority = [...get(a), ...get(b), AND, ...get(c), ...get(a), ...get(b), XOR, AND, XOR];
  return [
    ...[...get(h), ...get(WORDS + (index & 15)), ADD, ...constant(key), ADD],
    ...[...bigSigma(e, 6, 11, 25), ADD, ...choice, ADD, ...tee(SUM), ...get(d), ADD, ...set(d)],
    ...[...get(SUM), ...bigSigma(a, 2, 13, 22), ADD, ...majority, ADD, ...set(h)],
  ];
}

function compress(): Code {
  const eight = Array.from({ length: 8 }, (_, index) => index);
  const words = Array.from({ length: 16 }, (_, index) => index);
  const rounds = primes().flatMap((prime, index) => [
    ...(index < 16 ? [] : nextWord(index)),
    ...round(index, fraction(prime, 3n)),
  ]);
  return [
    ...eight.flatMap((i) => [...constant(0), ...load(4 * i), ...set(STATE + i)]),
    ...[...constant(BLOCKS_AT), ...set(AT)],
    ...LOOP,
    ...eight.flatMap((i) => [...get(STATE + i), ...set(WORKING + i)]),
    ...words.flatMap(readWord),
    ...rounds,
    ...eight.flatMap((i) => [...get(STATE + i), ...get(WORKING + i), ADD, ...set(STATE + i)]),
    ...[...get(AT), ...constant(BLOCK_BYTES), ADD, ...set(AT)],
    ...[...get(LEFT), ...constant(1), SUB, ...tee(LEFT), BRANCH_IF, 0],
    END,
    ...eight.flatMap((i) => [...constant(0), ...get(STATE + i), ...store(4 * i)]),
    END,
  ];
}

const text = (name: string): Code => [name.length, ...[...name].map((letter) => letter.charCodeAt(0))];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];

/** The module's bytes (WebAssembly Core Specification, 5). */
export function sha256Module(): Uint8Array<ArrayBuffer> {
  const body = [1, LOCALS, I32, ...compress()];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, ...text("memory"), 2, 0, ...text("compress"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  );
}
