import { runLayout } from "./run-layout.ts";
import { serve } from "./scope.ts";

serve(runLayout);
