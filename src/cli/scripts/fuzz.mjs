// Opens 10,000 damaged model files: each must end in a model or in a sentence. Pass another count, and another seed.
import { ensureInstalled } from "./install.mjs";
import { runTool } from "./run.mjs";

const [count = "10000", seed = "1"] = process.argv.slice(2);
await ensureInstalled();
process.exitCode = await runTool("vitest", ["run", "src/engine/damaged-models.test.ts"], {
  env: { SPLITSCOPE_FUZZ: count, SPLITSCOPE_FUZZ_SEED: seed },
});
