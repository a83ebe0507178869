/** The last is what a terminal that is closed sends. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Bytes between two looks at the signals: at most some tens of milliseconds of work. */
const BYTES_A_TURN = 16 * 1024 * 1024;

/**
 * Lets `work` write something that must not stay where the process is interrupted: a signal then ends the process as it
 * would have, once `remove` has taken away what was written. Signals come between turns of the event loop only, so
 * `work` awaits `turn` with the bytes that it has written since.
 */
export async function removedIfInterrupted<T>(
  remove: () => void,
  work: (turn: (bytes: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const interrupted = (signal: NodeJS.Signals) => {
    remove();
    for (const other of SIGNALS) process.removeListener(other, interrupted);
    process.kill(process.pid, signal);
  };
  let since = 0;
  const turn = async (bytes: number) => {
    since += bytes;
    if (since < BYTES_A_TURN) return;
    since = 0;
    await new Promise(setImmediate);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    return await work(turn);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupted);
  }
}
