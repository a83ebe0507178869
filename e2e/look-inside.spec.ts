import { expect, type Page, test } from "@playwright/test";
import { ModelBuilder } from "../src/core/testing/model-builder.ts";
import { dropFile } from "./files.ts";
import { openApp, watchErrors } from "./support.ts";

/** A Loop of five iterations between two ops; its body adds what an If in it chooses. */
function loopModel(): Buffer {
  const branch = (width: number) => {
    const body = new ModelBuilder({ name: "branch" });
    const product = body.node("MatMul", ["x", body.weight("w", [8, width], 1)], { name: `dense ${width}` });
    return body.output(body.node("Softmax", [product], { outputs: ["y"] }), "float", [4, 8]).graph();
  };
  const body = new ModelBuilder({ name: "body" });
  body.input("i", "int64", []);
  const going = body.node("Identity", [body.input("going", "bool", [])], { outputs: ["goes on"] });
  const bodies = { then_branch: { graph: branch(8) }, else_branch: { graph: branch(8) } };
  const chosen = body.node("If", ["c"], { attributes: bodies, name: "choice", outputs: ["chosen"] });
  body.output(going, "bool", []);
  const next = body.node("Add", [body.input("h", "float", [4, 8]), chosen], { name: "step", outputs: ["next"] });
  body.output(next, "float", [4, 8]);
  const net = new ModelBuilder({ name: "net" });
  net.input("input", "float", [4, 8]);
  net.input("c", "bool", []);
  net.node("Relu", ["input"], { outputs: ["x"], name: "before" });
  net.node("Loop", [net.integers("trips", [5], []), "", "x"], {
    name: "decoder",
    attributes: { body: { graph: body.graph() } },
    outputs: ["last"],
  });
  return Buffer.from(net.output(net.node("Tanh", ["last"], { name: "behind" }), "float", [4, 8]).bytes());
}

async function find(page: Page, text: string): Promise<void> {
  const search = page.getByRole("searchbox", { name: /^Find an op/ });
  await search.fill(text);
  await search.press("Enter");
  await search.press("Escape");
}

test("a Loop is looked into, and the If in it, and left again", async ({ page }) => {
  const errors = watchErrors(page);
  await openApp(page);
  await dropFile(page, "loop.onnx", loopModel());
  await expect(page.getByRole("button", { name: /^Model: loop\.onnx/ })).toBeVisible();

  await find(page, "decoder");
  const details = page.getByTestId("op-details");
  await expect(details).toContainText("Its body runs 5 times per inference. No split passes through it.");
  // Five times the 4 x 8 x 8 of the larger branch.
  await expect(details).toContainText("1.28 kMAC");
  await page.keyboard.press("Enter");

  const way = page.getByRole("navigation", { name: "Way into the body" });
  const bar = page.getByTestId("body-bar");
  await expect(way).toContainText("Loop decoder");
  await expect(bar).toContainText("No split passes through here: Loop is one op");
  await expect(bar).toContainText("iteration number · int64 scalar · 8 B");
  await expect(bar).toContainText("carried value · float32 4×8 · 128 B");
  await expect(bar.getByText("Captured from outside").locator("..")).toContainText("c");
  await expect(page.getByRole("slider", { name: /split/i })).toHaveCount(0);

  // The search finds what is inside, and nothing else.
  await find(page, "choice");
  const inner = page.getByTestId("body-op-details");
  await expect(inner).toContainText("One of its branches runs; its work is that of the larger one.");
  await expect(inner).toContainText("Part of Loop decoder");
  await page.getByRole("region", { name: "Network" }).focus();
  await page.keyboard.press("Enter");
  await expect(way).toContainText("If choice");
  await way.getByRole("button", { name: "else_branch" }).click();
  await expect(way.getByRole("button", { name: "else_branch" })).toHaveAttribute("aria-pressed", "true");
  await find(page, "dense 8");
  await expect(inner).toContainText("256 MAC");

  // Escape lets go of the op, then goes out step by step.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(way).not.toContainText("If choice");
  await expect(inner).toContainText("If");
  await way.getByRole("button", { name: "Network" }).click();
  await expect(way).toHaveCount(0);

  // Also by its menu, and by a double click: the Loop is the op in the middle.
  await page.keyboard.press("f");
  const network = page.getByRole("region", { name: "Network", exact: true });
  await network.focus();
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: /^body/ }).click();
  await expect(way).toContainText("Loop decoder");
  await way.getByRole("button", { name: "Network" }).click();
  const box = await network.boundingBox();
  if (box === null) throw new Error("the network is not on screen");
  await expect(async () => {
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2 + 8);
    await expect(way).toContainText("Loop decoder", { timeout: 1000 });
  }).toPass();
  await way.getByRole("button", { name: "Network" }).click();
  await expect(page.getByTestId("op-details")).toContainText("decoder");
  expect(errors).toEqual([]);
});
