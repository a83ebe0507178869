import { expect, type Locator, type Page } from "@playwright/test";

/** Opens the app and waits until the first sample is on screen with its plan. */
export async function openApp(page: Page): Promise<void> {
  // As for someone who has been here before: the tour is not offered.
  await page.addInitScript(() => localStorage.setItem("splitscope-tour-seen", "yes"));
  await page.goto("/");
  await expect(page.getByTestId("certificate")).toHaveText(/optimal|within|best found/, { timeout: 60_000 });
}

export async function textOf(locator: Locator): Promise<string> {
  return (await locator.textContent()) ?? "";
}

/** The large figure, in milliseconds. */
export async function mainFigure(page: Page): Promise<number> {
  return toMilliseconds(await textOf(page.getByTestId("main-figure")));
}

export function toMilliseconds(text: string): number {
  const match = /([\d.,]+)\s*(ms|s)\b/.exec(text);
  if (match === null) throw new Error(`no time in "${text}"`);
  const value = Number((match[1] ?? "").replaceAll(",", ""));
  return match[2] === "s" ? value * 1e3 : value;
}

/** Collects whatever the page complains about; a test ends by expecting none. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return errors;
}

/** Addresses asked of any other host than the app's own. */
export function watchForeignRequests(page: Page): string[] {
  const foreign: string[] = [];
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (!["blob:", "data:"].includes(protocol) && hostname !== "127.0.0.1") foreign.push(request.url());
  });
  return foreign;
}
