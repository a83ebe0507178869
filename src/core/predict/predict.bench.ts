import { type Bench, medianMilliseconds } from "../testing/bench.ts";
import { resnet50 } from "../testing/sized-problems.ts";
import { predict } from "./predict.ts";

const clock = () => performance.now();

export const benches: readonly Bench[] = [
  {
    name: "predict, one plan of ResNet-50 on 4 devices",
    goal: "<= 0.3 ms",
    run: () => {
      const problem = resnet50(4);
      const stageOf = Int32Array.from({ length: problem.opCount }, (_, op) => Math.floor((4 * op) / problem.opCount));
      const plan = { stages: [0, 1, 2, 3], stageOf };
      const calls = 100;
      const { value, unit } = medianMilliseconds(clock, () => {
        for (let call = 0; call < calls; call++) predict(problem, plan);
      });
      return { value: value / calls, unit };
    },
  },
];
