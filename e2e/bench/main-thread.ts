import type { CDPSession, Page } from "@playwright/test";
import { percentile } from "./report.ts";

/** Seconds that the page's main thread has computed so far. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = metrics.find(({ name }) => name === "TaskDuration");
  if (metric === undefined) throw new Error("the browser does not report TaskDuration");
  return metric.value;
}

/** Two frames: what a step has changed is painted by then. */
const frames = (page: Page) =>
  page.evaluate(
    () => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );

/** Main-thread milliseconds of `act` until its result is on screen, those of this measurement included. */
async function workOf(page: Page, session: CDPSession, act: () => Promise<void>): Promise<number> {
  const before = await busySeconds(session);
  await act();
  await frames(page);
  return 1e3 * ((await busySeconds(session)) - before);
}

/**
 * Measures what the main thread computes for an act until its result is on screen, in milliseconds, without what
 * measuring takes itself. It counts time that the thread computes, not time that it waits for a busy machine.
 */
export async function mainThread(page: Page): Promise<(act: () => Promise<void>) => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const idle: number[] = [];
  for (let i = 0; i < 20; i++) idle.push(await workOf(page, session, async () => {}));
  const probe = percentile(idle, 0.5);
  return async (act) => (await workOf(page, session, act)) - probe;
}
