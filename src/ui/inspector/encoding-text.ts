import type { PlanView } from "../shared/use-plan.ts";

/** How a tensor is sent, in words. */
export function encodingText({ graph, problem, setting }: PlanView, tensor: number): string {
  const stored = graph.tensorBytes[tensor] ?? Number.NaN;
  const sent = problem.tensorWireBytes[tensor] ?? Number.NaN;
  const { inputBytesOverride, input, cut } = setting.encoding;
  const isInput = graph.inputs.includes(tensor);
  if (isInput && inputBytesOverride !== null) return "source-coded";
  // Only floats that are wider shrink: what is as large as before is sent as it is.
  if (!(sent < stored)) return "sent as stored";
  return (isInput ? input : cut) === "f16" ? "sent as float 16" : "sent as 8 bit";
}
