import type { Page } from "@playwright/test";
import { mobileNetV2 } from "../src/core/testing/samples/mobilenet-v2.ts";

/** A small valid model made by the project's own builder. */
export const smallModel = (): Buffer => Buffer.from(mobileNetV2());

/** Another file than the sample that the app begins with: what waits for that one would find it open already. */
export const ownModel = (): Buffer => Buffer.from(mobileNetV2("light"));

/** Drops a file on the page, as from a file manager. */
export function dropFile(page: Page, name: string, bytes: Buffer, onto = ".drop-zone"): Promise<void> {
  return dropFiles(page, new Map([[name, bytes]]), onto);
}

/** Drops several files at once, by name. */
export async function dropFiles(page: Page, files: ReadonlyMap<string, Buffer>, onto = ".drop-zone"): Promise<void> {
  const transfer = await page.evaluateHandle(
    (contents) => {
      const dropped = new DataTransfer();
      for (const { name, base64 } of contents) {
        const binary = atob(base64);
        const data = Uint8Array.from(binary, (character) => character.charCodeAt(0));
        dropped.items.add(new File([data], name));
      }
      return dropped;
    },
    [...files].map(([name, bytes]) => ({ name, base64: bytes.toString("base64") })),
  );
  await page.dispatchEvent(onto, "drop", { dataTransfer: transfer });
}
