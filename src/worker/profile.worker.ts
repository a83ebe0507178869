import { runReadProfile } from "./run-read-profile.ts";
import { serve } from "./scope.ts";

serve(runReadProfile);
