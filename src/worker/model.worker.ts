import { runOpen } from "./run-open.ts";
import { serve } from "./scope.ts";

serve(runOpen);
