import { existsSync, readFileSync } from "node:fs";
import type { Browser, BrowserContext } from "@playwright/test";

const SAMPLING_MS = 5;

/**
 * Private memory of a process in megabytes: what the browser's own task manager calls its footprint. Pages of files,
 * which the browser's code is most of, are shared by all its processes. 0 where the system does not tell.
 */
function privateMegabytes(process: number): number {
  const path = `/proc/${process}/status`;
  if (!existsSync(path)) return 0;
  const found = /^RssAnon:\s*(\d+) kB/m.exec(readFileSync(path, "utf8"));
  return found === null ? 0 : (Number(found[1]) * 1024) / 1e6;
}

interface MemoryWatch {
  /** Megabytes over an empty page at the peak so far. */
  peak(): number;
  /** The same, and ends the watch. */
  stop(): number;
}

/** Watches the memory of the processes that draw pages, against what they take for an empty one. */
export async function rendererMemory(
  browser: Browser,
  pages: Browser | BrowserContext = browser,
): Promise<{ readonly isKnown: boolean; readonly watch: () => Promise<MemoryWatch> }> {
  const session = await browser.newBrowserCDPSession();
  const processes = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  };
  const sum = (ids: readonly number[]) => ids.reduce((total, id) => total + privateMegabytes(id), 0);
  const blank = await pages.newPage();
  await blank.goto("about:blank");
  const empty = sum(await processes());
  await blank.close();
  const watch = async () => {
    const ids = await processes();
    let peak = 0;
    const sample = () => {
      peak = Math.max(peak, sum(ids) - empty);
    };
    sample();
    const timer = setInterval(sample, SAMPLING_MS);
    return {
      peak: () => peak,
      stop: () => {
        clearInterval(timer);
        return peak;
      },
    };
  };
  return { isKnown: empty > 0, watch };
}
