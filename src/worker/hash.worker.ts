import { runHash } from "./run-hash.ts";
import { serve } from "./scope.ts";

serve(runHash);
