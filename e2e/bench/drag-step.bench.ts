import { type CDPSession, expect, type Page, test } from "@playwright/test";
import { openApp } from "../support.ts";
import { percentile, report } from "./report.ts";

const STEPS = 80;

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
async function mainThreadWork(page: Page, session: CDPSession, act: () => Promise<void>): Promise<number> {
  const before = await busySeconds(session);
  await act();
  await frames(page);
  return 1e3 * ((await busySeconds(session)) - before);
}

test("a drag step on ResNet-50", async ({ page }) => {
  await openApp(page);
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page.getByRole("menuitem", { name: /ResNet-50/ }).click();
  await expect(page.getByRole("button", { name: /^Model: .*resnet/i })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });
  const handle = page.getByRole("slider", { name: /split/i }).first();
  const box = await handle.boundingBox();
  if (box === null) throw new Error("the handle is not on screen");
  const session = await page.context().newCDPSession(page);
  // Time that the thread computes, not time that it waits for a busy machine.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });

  const y = box.y + box.height / 2;
  const from = box.x + box.width / 2;
  await page.mouse.move(from, y);
  await page.mouse.down();
  const probes: number[] = [];
  for (let i = 0; i < 20; i++) probes.push(await mainThreadWork(page, session, async () => {}));
  const probe = percentile(probes, 0.5);
  const positions = new Set<string | null>();
  const times: number[] = [];
  const { width } = page.viewportSize() ?? { width: 1440 };
  for (let step = 1; step <= STEPS; step++) {
    // There and back over half of the strip, so that no step stays where it was.
    const swing = 1 - Math.abs(1 - (2 * step) / STEPS);
    const x = from + swing * 0.35 * width * (from > width / 2 ? -1 : 1);
    times.push((await mainThreadWork(page, session, () => page.mouse.move(x, y))) - probe);
    positions.add(await handle.getAttribute("aria-valuenow"));
  }
  await page.mouse.up();
  expect(positions.size).toBeGreaterThan(STEPS / 8);
  report(`drag step on ResNet-50, main thread, median of ${STEPS}`, null, percentile(times, 0.5), "ms");
  report(`drag step on ResNet-50, main thread, p95 of ${STEPS}`, "<= 16 ms", percentile(times, 0.95), "ms");
});
