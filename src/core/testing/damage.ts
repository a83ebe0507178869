import { at } from "../columns.ts";
import type { Random } from "./random.ts";

/** A length beyond any file, as protobuf writes numbers: 2^35 - 1. */
const HUGE_LENGTH = [0xff, 0xff, 0xff, 0xff, 0x7f];

/** Cuts off, overwrites, cuts out, doubles, flips or swaps some bytes, or makes a length huge: seeded by `random`. */
export function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random.integer(0, bytes.length - 1);
  const to = Math.min(bytes.length, from + random.integer(1, 12));
  const copy = bytes.slice();
  switch (random.integer(0, 6)) {
    case 0:
      return bytes.slice(0, from);
    case 1:
      for (let i = from; i < to; i += 1) copy[i] = random.integer(0, 255);
      return copy;
    case 2:
      return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)]);
    case 3:
      return Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(from)]);
    case 4: {
      // Near one another are lengths of the same message.
      const other = Math.min(bytes.length - 1, from + random.integer(1, 40));
      copy[from] = at(bytes, other);
      copy[other] = at(bytes, from);
      return copy;
    }
    case 5:
      for (const [i, byte] of HUGE_LENGTH.entries()) if (from + i < copy.length) copy[from + i] = byte;
      return copy;
    default:
      for (let flip = random.integer(1, 3); flip > 0; flip -= 1) {
        const place = random.integer(0, bytes.length - 1);
        copy[place] = at(copy, place) ^ (1 << random.integer(0, 7));
      }
      return copy;
  }
}
