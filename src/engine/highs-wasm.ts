import wasm from "highs/runtime?url";

/** Address of the solver's code, served from where the page itself comes from. */
export const HIGHS_WASM = new URL(wasm, import.meta.url).href;
