import type { Problem } from "../plan/problem.ts";
import type { Knob } from "../predict/curves.ts";

/** The problem with a knob turned, column by column; routes stay as they are. */
export function turnedProblem(problem: Problem, knob: Knob, scale: number): Problem {
  if (knob.kind === "load") {
    const devices = problem.devices.map((device, number) =>
      number === knob.device ? { ...device, opSeconds: device.opSeconds.map((seconds) => seconds * scale) } : device,
    );
    return { ...problem, devices };
  }
  if (knob.kind === "input") {
    const inputs = new Set(problem.inputs);
    return {
      ...problem,
      tensorWireBytes: problem.tensorWireBytes.map((bytes, tensor) => (inputs.has(tensor) ? bytes * scale : bytes)),
    };
  }
  const routes = problem.routes.map((row) =>
    row.map((route) => {
      if (route === null) return null;
      const hops = route.hops.map((hop) => {
        if (hop.link !== knob.link) return hop;
        return knob.kind === "latency"
          ? { ...hop, latency: hop.latency * scale }
          : { ...hop, secondsPerByte: hop.secondsPerByte / scale };
      });
      const sum = (of: (hop: (typeof hops)[number]) => number) => hops.reduce((all, hop) => all + of(hop), 0);
      return { hops, latency: sum((hop) => hop.latency), secondsPerByte: sum((hop) => hop.secondsPerByte) };
    }),
  );
  return { ...problem, routes };
}
