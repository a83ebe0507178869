/** Lets callers have something one at a time (or `slots` at a time), in the order in which they ask. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(slots = 1) {
    this.#free = slots;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Timers fire up to this much late. */
const COARSE_SECONDS = 0.002;

/** Resolves `seconds` from now, to a fraction of a millisecond: the rest after a timer is waited for turn by turn. */
export async function pause(seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1e3;
  if (seconds > COARSE_SECONDS) {
    await new Promise((resolve) => setTimeout(resolve, (seconds - COARSE_SECONDS) * 1e3));
  }
  const channel = new MessageChannel();
  try {
    while (performance.now() < end) {
      await new Promise((resolve) => {
        channel.port1.onmessage = resolve;
        channel.port2.postMessage(null);
      });
    }
  } finally {
    channel.port1.close();
    channel.port2.close();
  }
}
