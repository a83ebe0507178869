import { defineConfig, devices } from "@playwright/test";
import { CHROMIUM_FLAGS, installedChromium } from "./src/cli/scripts/chromium.mjs";

/** Another checkout may run its tests at the same time: set SPLITSCOPE_TEST_PORT there. */
const port = Number(process.env["SPLITSCOPE_TEST_PORT"] ?? 5190);
const chromium = installedChromium();

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/browser",
  fullyParallel: true,
  forbidOnly: process.env["CI"] !== undefined,
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    baseURL: `http://127.0.0.1:${port}`,
    trace: "retain-on-failure",
    // It would fill its caches anew in each test; the tests of working offline allow it.
    serviceWorkers: "block",
    launchOptions: { args: CHROMIUM_FLAGS, ...(chromium === undefined ? {} : { executablePath: chromium }) },
  },
  projects: [
    { name: "app", testMatch: "*.spec.ts" },
    // Traces would be measured along.
    { name: "pictures", testMatch: "pictures/*.ts" },
    { name: "bench", testMatch: "bench/*.bench.ts", use: { trace: "off" } },
  ],
  webServer: {
    command: `node src/cli/scripts/start.mjs --port ${port} --strict-port`,
    url: `http://127.0.0.1:${port}/`,
    timeout: 180_000,
    reuseExistingServer: false,
  },
});
