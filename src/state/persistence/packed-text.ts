import { err, ok, type Result } from "../../core/result.ts";

/** Text squeezed into characters that an address may hold: UTF-8, raw deflate, base64url. */

async function piped(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream, most: number) {
  const parts: BlobPart[] = [];
  let size = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    parts.push(part.value);
  }
  return new Blob(parts).text();
}

function base64Url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function packText(text: string): Promise<string> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return base64Url(new Uint8Array(await new Response(packed).arrayBuffer()));
}

/** The text again, of at most `most` bytes: what unpacks to more is not unpacked further. The error is a clause. */
export async function unpackText(packed: string, most: number): Promise<Result<string>> {
  if (!/^[A-Za-z0-9_-]+$/.test(packed)) return err("it holds characters that no such link has");
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const text = await piped(bytes, new DecompressionStream("deflate-raw"), most);
    return text === null ? err(`it unpacks to more than ${most.toLocaleString("en-US")} bytes`) : ok(text);
  } catch {
    return err("it is cut short or changed");
  }
}
