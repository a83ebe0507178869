import { consoleTap } from "../engine/profiling-web.ts";
import { runSegments } from "./run-segments.ts";
import { serve } from "./scope.ts";

const tap = consoleTap();
serve((request, post) => runSegments(request, post, tap));
