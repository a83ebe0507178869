declare const __SPLITSCOPE_VERSION__: string;

/** Version of the product, put in by the build. */
export const VERSION = typeof __SPLITSCOPE_VERSION__ === "string" ? __SPLITSCOPE_VERSION__ : "development";
