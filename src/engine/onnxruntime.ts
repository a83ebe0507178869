export type OnnxRuntime = typeof import("onnxruntime-web/wasm");

let loading: Promise<OnnxRuntime> | null = null;

/**
 * onnxruntime-web with its WASM backend, loaded at the first call and kept, with as many threads as that call asked
 * for. The slim bundle is made for browsers and does not start in Node, where the package's own entry for Node is
 * taken instead. In a browser more than one thread needs cross-origin isolation. Inference of types uses none.
 */
export function loadOnnxRuntime(threads = 1): Promise<OnnxRuntime> {
  loading ??= load(threads);
  return loading;
}

async function load(threads: number): Promise<OnnxRuntime> {
  // Whoever calls is in a worker already.
  const runtime = await (import.meta.env.SSR ? import("onnxruntime-web") : import("onnxruntime-web/wasm"));
  runtime.env.wasm.numThreads = threads;
  if (threads > 1 && !import.meta.env.SSR) {
    // The loader inside the bundle never starts its threads from within a worker; the one in a file of its own does.
    runtime.env.wasm.wasmPaths = (await import("./wasm-files.ts")).WASM_FILES;
  }
  return runtime;
}
