// Opens 10,000 damaged model files: each must end in a model or in a sentence. Pass another count, and another seed.
// With "classes": holds the solvers to brute force on 300 problems of every class, or on another count.
import { ensureInstalled } from "./install.mjs";
import { runTool } from "./run.mjs";

const args = process.argv.slice(2);
await ensureInstalled();
if (args[0] === "classes") {
  process.exitCode = await runTool("vitest", ["run", "src/engine/every-class.test.ts"], {
    env: { SPLITSCOPE_CLASSES: args[1] ?? "300" },
  });
} else {
  const [count = "10000", seed = "1"] = args;
  process.exitCode = await runTool("vitest", ["run", "src/engine/damaged-models.test.ts"], {
    env: { SPLITSCOPE_FUZZ: count, SPLITSCOPE_FUZZ_SEED: seed },
  });
}
