/**
 * SHA-256 on a thread of its own, fed through shared memory: who writes an archive has enough to do with reading and with
 * check sums. The writer blocks while the memory is full, so both ends must be workers.
 */
const SLOTS = 4;
const SLOT_BYTES = 1024 * 1024;
const DIGEST_BYTES = 64;

/** Places of the numbers at the beginning: slots that were filled, slots that were emptied, then a length for each slot. */
const FILLED = 0;
const EMPTIED = 1;
const LENGTHS = 2;
/** In place of a length: the file has ended, its digest is wanted. */
const END = -1;

export interface HashLane {
  readonly numbers: Int32Array<SharedArrayBuffer>;
  readonly digest: Uint8Array<SharedArrayBuffer>;
  readonly slots: Uint8Array<SharedArrayBuffer>;
}

const NUMBERS_BYTES = 4 * (LENGTHS + SLOTS);

/** The memory that both ends share. */
export const laneMemory = (): SharedArrayBuffer =>
  new SharedArrayBuffer(NUMBERS_BYTES + DIGEST_BYTES + SLOTS * SLOT_BYTES);

export function hashLane(memory: SharedArrayBuffer): HashLane {
  return {
    numbers: new Int32Array(memory, 0, LENGTHS + SLOTS),
    digest: new Uint8Array(memory, NUMBERS_BYTES, DIGEST_BYTES),
    slots: new Uint8Array(memory, NUMBERS_BYTES + DIGEST_BYTES),
  };
}

/** Waits until a number is another one. */
function change(numbers: Int32Array<SharedArrayBuffer>, place: number, from: number): void {
  while (Atomics.load(numbers, place) === from) Atomics.wait(numbers, place, from);
}

/** The end that feeds: one file after another, each ended by `hex`. O(bytes) to copy. */
export function laneHash({ numbers, digest, slots }: HashLane) {
  const push = (length: number, bytes: Uint8Array | null) => {
    const filled = Atomics.load(numbers, FILLED);
    const full = filled - SLOTS;
    if (full >= 0) change(numbers, EMPTIED, full);
    const slot = filled % SLOTS;
    if (bytes !== null) slots.set(bytes, slot * SLOT_BYTES);
    Atomics.store(numbers, LENGTHS + slot, length);
    Atomics.store(numbers, FILLED, filled + 1);
    Atomics.notify(numbers, FILLED);
  };
  return {
    update: (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
        const part = bytes.subarray(at, at + SLOT_BYTES);
        push(part.length, part);
      }
    },
    hex: () => {
      push(END, null);
      const filled = Atomics.load(numbers, FILLED);
      for (let emptied = Atomics.load(numbers, EMPTIED); emptied < filled; emptied = Atomics.load(numbers, EMPTIED)) {
        change(numbers, EMPTIED, emptied);
      }
      return new TextDecoder().decode(digest.slice());
    },
  };
}

interface Hash {
  update(bytes: Uint8Array): unknown;
  hex(): string;
}

/** The end that hashes, for as long as its thread lives. */
export async function serveLane({ numbers, digest, slots }: HashLane, createHash: () => Promise<Hash>): Promise<never> {
  let hash = await createHash();
  for (let emptied = 0; ; emptied++) {
    change(numbers, FILLED, emptied);
    const slot = emptied % SLOTS;
    const length = Atomics.load(numbers, LENGTHS + slot);
    if (length === END) {
      digest.set(new TextEncoder().encode(hash.hex()));
      hash = await createHash();
    } else hash.update(slots.subarray(slot * SLOT_BYTES, slot * SLOT_BYTES + length));
    Atomics.store(numbers, EMPTIED, emptied + 1);
    Atomics.notify(numbers, EMPTIED);
  }
}
