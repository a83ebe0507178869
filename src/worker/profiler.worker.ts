import { consoleTap } from "../engine/profiling-web.ts";
import { runProfile } from "./run-profile.ts";
import { serve } from "./scope.ts";

const tap = consoleTap();
serve((request, post) => runProfile(request, post, tap));
