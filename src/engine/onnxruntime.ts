export type OnnxRuntime = typeof import("onnxruntime-web/wasm");

let loading: Promise<OnnxRuntime> | null = null;

/**
 * onnxruntime-web with its WASM backend, loaded at the first call and kept. The slim bundle is made for browsers and
 * does not start in Node, where the package's own entry for Node is taken instead.
 */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  loading ??= (import.meta.env.SSR ? import("onnxruntime-web") : import("onnxruntime-web/wasm")).then((runtime) => {
    // Whoever calls is in a worker already; threads need cross-origin isolation and inference of types uses none.
    runtime.env.wasm.numThreads = 1;
    return runtime;
  });
  return loading;
}
