import { runMilp } from "./run-milp.ts";
import { serve } from "./scope.ts";

serve(runMilp);
