import type { Page } from "@playwright/test";
import { mobileNetV2 } from "../src/core/testing/samples/mobilenet-v2.ts";

/** A small valid model made by the project's own builder. */
export const smallModel = (): Buffer => Buffer.from(mobileNetV2());

/** Drops a file on the page, as from a file manager. */
export async function dropFile(page: Page, name: string, bytes: Buffer, onto = ".drop-zone"): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ fileName, base64 }) => {
      const binary = atob(base64);
      const data = Uint8Array.from(binary, (character) => character.charCodeAt(0));
      const files = new DataTransfer();
      files.items.add(new File([data], fileName));
      return files;
    },
    { fileName: name, base64: bytes.toString("base64") },
  );
  await page.dispatchEvent(onto, "drop", { dataTransfer: transfer });
}
