import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { unwrap } from "../core/result.ts";
import { readProfileBlobs } from "./read-profile.ts";

const CSV = "node,latency_ms\nconv1,0.25\nrelu1,0.05\n";
const TRT = '[{"count":20},{"name":"Conv_0 + Relu_1","timeMs":2,"averageMs":0.1}]';
const LAYERS = '{"Layers":[{"Name":"Conv_0 + Relu_1","Outputs":[{"Name":"r1","Dimensions":[1,8,4,4]}]}]}';

const file = (name: string, content: string | Uint8Array<ArrayBuffer>) => ({ name, blob: new Blob([content]) });
const gzip = (text: string) => new Uint8Array(gzipSync(text));

describe("readProfileBlobs", () => {
  test("recognises each file, undoes gzip, joins companions, keeps the order", async () => {
    const files = await readProfileBlobs([
      file("a", LAYERS),
      file("b", gzip(CSV)),
      file("c", "hello"),
      file("d", TRT),
      file("e", ""),
    ]);
    expect(files.map(({ fileName, format, joinedTo }) => [fileName, format?.id ?? null, joinedTo])).toEqual([
      ["a", "trt-layerinfo", "d"],
      ["b", "plain-csv", null],
      ["c", null, null],
      ["d", "trt-profile", null],
      ["e", null, null],
    ]);
    expect(files.map(({ reading }) => (reading.ok ? reading.value.kind : reading.error.slice(0, 24)))).toEqual([
      "layers",
      "profile",
      "c is no device profile t",
      "profile",
      "e is empty; expected a d",
    ]);
    const joined = unwrap(files[3]?.reading ?? { ok: false, error: "missing" });
    expect(joined.kind === "profile" ? joined.profile.entries[0]?.outputs : null).toEqual(["r1"]);
  });

  test("UTF-16 as Windows shells write it, and a character cut by a chunk", async () => {
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${CSV}`, "utf16le"));
    const [one] = await readProfileBlobs([file("f", utf16)]);
    expect(one?.format?.id).toBe("plain-csv");
    const bytes = new TextEncoder().encode("node,latency_ms\nconvé,1\n");
    const cut = bytes.indexOf(0xc3) + 1;
    const blob = {
      size: bytes.length,
      slice: () => ({ arrayBuffer: async () => bytes.slice(0, 4).buffer }),
      stream: () =>
        new ReadableStream<Uint8Array<ArrayBuffer>>({
          start: (controller) => {
            controller.enqueue(bytes.slice(0, cut));
            controller.enqueue(bytes.slice(cut));
            controller.close();
          },
        }),
    };
    const [two] = await readProfileBlobs([{ name: "g", blob }]);
    const reading = unwrap(two?.reading ?? { ok: false, error: "missing" });
    expect(reading.kind === "profile" ? reading.profile.entries[0]?.label : null).toBe("convé");
  });

  test.each([
    ["a damaged gzip file", gzip(CSV).slice(0, 20), "f is a gzip file that is damaged or cut; expected a whole one."],
    ["a ZIP archive", new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), "f is a ZIP archive (or a PyTorch file)"],
    ["a pickle", new Uint8Array([0x80, 3, 0x7d, 0x71, 0]), "f is a Python pickle"],
  ])("%s is refused", async (_, bytes, sentence) => {
    const [read] = await readProfileBlobs([file("f", bytes)]);
    if (read === undefined) throw new Error("nothing was read");
    expect(read.reading.ok ? "accepted" : read.reading.error).toContain(sentence);
  });

  test("tells how far it is, and stops when aborted", async () => {
    const fractions: number[] = [];
    await readProfileBlobs([file("a", CSV), file("b", CSV)], { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([0.5, 1]);
    const abort = new AbortController();
    abort.abort();
    await expect(readProfileBlobs([file("a", CSV)], { signal: abort.signal })).rejects.toThrow();
  });
});
