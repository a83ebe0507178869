import { explainDifference } from "../../core/predict/explain.ts";
import { formatBandwidth, formatSeconds } from "../../core/units.ts";
import { type Baseline, bestBaseline } from "../../state/derive.ts";
import { useApp } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { breakEven } from "./break-even.ts";
import { BusyBars } from "./busy-bars.tsx";
import { termName } from "./term-name.ts";

/** Why the plan on screen beats, or loses to, the best device alone, for the chosen objective. */
export function WhyPanel({ view }: { readonly view: PlanView }) {
  const objective = useApp((state) => state.objective);
  const figure = objective === "period" ? "periodSeconds" : "latencySeconds";
  const best = bestBaseline(view.baselines, (prediction) => prediction[figure]);
  if (best === null) return null;
  const here = view.prediction[figure];
  const there = best.prediction[figure];
  return (
    <section className="inspector-section" data-testid="why">
      <h2>Why</h2>
      <Verdict here={here} there={there} best={best} whole={isWhole(view, best)} />
      {objective === "period" ? <BusyBars view={view} best={best} /> : <LatencyTerms view={view} best={best} />}
      <BreakEven view={view} best={best} />
    </section>
  );
}

function isWhole(view: PlanView, best: Baseline): boolean {
  return view.plan.devices.at(-1) === best.device.id && new Set(view.plan.stageOf).size <= 1;
}

interface VerdictProps {
  readonly here: number;
  readonly there: number;
  readonly best: Baseline;
  readonly whole: boolean;
}

function Verdict({ here, there, best, whole }: VerdictProps) {
  const name = best.device.name;
  if (whole) return <p>This is the best device alone: the whole model runs on {name}.</p>;
  if (!Number.isFinite(here))
    return (
      <p>
        This plan cannot run: it cuts through a tensor of unknown size or inside a quantised op, or a device lacks an
        op.
      </p>
    );
  const difference = Math.abs(there - here);
  if (difference < 1e-9 * there) return <p>This plan equals {name} alone.</p>;
  return (
    <p>
      {here < there ? (
        <>
          Splitting wins{" "}
          <strong className="why-value" data-tone="good">
            {formatSeconds(difference)}
          </strong>{" "}
          over {name} alone.
        </>
      ) : (
        <>
          Splitting loses{" "}
          <strong className="why-value" data-tone="bad">
            {formatSeconds(difference)}
          </strong>{" "}
          to {name} alone: no split is better.
        </>
      )}
    </p>
  );
}

/** The difference in latency as terms that add up exactly. */
function LatencyTerms({ view, best }: { readonly view: PlanView; readonly best: Baseline }) {
  const terms = explainDifference(view.problem, best.prediction, view.prediction);
  if (terms === null || terms.length === 0) return null;
  const total = view.prediction.latencySeconds - best.prediction.latencySeconds;
  return (
    <ul className="why-list" aria-label={`Difference to ${best.device.name} alone`}>
      {terms.map((term) => (
        <li key={termName(term, view)}>
          <span>{termName(term, view)}</span>
          <Signed seconds={term.seconds} />
        </li>
      ))}
      <li className="why-total">
        <span>together</span>
        <Signed seconds={total} />
      </li>
    </ul>
  );
}

function Signed({ seconds }: { readonly seconds: number }) {
  return (
    <span className="why-value" data-tone={seconds < 0 ? "good" : "bad"}>
      {seconds < 0 ? "−" : "+"}
      {formatSeconds(Math.abs(seconds))}
    </span>
  );
}

/** The bandwidths at which this plan and the best device alone change places. */
function BreakEven({ view, best }: { readonly view: PlanView; readonly best: Baseline }) {
  const objective = useApp((state) => state.objective);
  const points = breakEven(view, best, objective);
  if (points.length === 0) return null;
  return (
    <ul className="why-list">
      {points.map((point) => (
        <li key={`${point.link} ${point.rate}`}>
          <span>
            {point.planWinsAbove ? "Wins above" : "Wins below"} {formatBandwidth(point.rate)} on {point.name}
          </span>
          <span className="tensor-type">now {formatBandwidth(point.now)}</span>
        </li>
      ))}
    </ul>
  );
}
