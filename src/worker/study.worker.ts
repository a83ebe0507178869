import { runStudy } from "./run-study.ts";
import { serve } from "./scope.ts";

serve(runStudy);
