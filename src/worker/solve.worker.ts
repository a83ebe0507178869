import { runSolve } from "./run-solve.ts";
import { serve } from "./scope.ts";

serve(runSolve);
