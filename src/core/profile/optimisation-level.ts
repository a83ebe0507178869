/** How far ONNX Runtime may rewrite a model before it runs it, by its own names, weakest first. */
export const OPTIMISATION_LEVELS = ["disabled", "basic", "extended", "all"] as const;
export type OptimisationLevel = (typeof OPTIMISATION_LEVELS)[number];
