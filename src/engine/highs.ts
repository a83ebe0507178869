import type { Highs } from "highs";
import { type Milp, type MilpOptions, type MilpOutcome, type SolveMilp, violation } from "../core/solve/milp/milp.ts";

let loading: Promise<SolveMilp> | null = null;

/**
 * The HiGHS solver for mixed-integer programs (WASM, one thread), loaded at the first call and kept. A call of what
 * comes back blocks until it ends: in a page it belongs into a worker.
 */
export function loadHighs(): Promise<SolveMilp> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SolveMilp> {
  const { default: create } = await import("highs");
  // In Node the package finds its code beside itself; a build serves it from a place of its own.
  const highs = import.meta.env.SSR ? await create() : await create({ locateFile: await wasmAddress() });
  return (milp, options) => solveWith(highs, milp, options);
}

async function wasmAddress(): Promise<() => string> {
  const { HIGHS_WASM } = await import("./highs-wasm.ts");
  return () => HIGHS_WASM;
}

/** Points that violate a row by more are not believed. */
const TOLERANCE = 1e-5;

const OPTIONS = {
  output_flag: false,
  mip_rel_gap: 1e-7,
  mip_abs_gap: 0,
  primal_feasibility_tolerance: 1e-9,
  dual_feasibility_tolerance: 1e-9,
  mip_feasibility_tolerance: 1e-7,
  small_matrix_value: 1e-12,
} as const;
/** Programs of fewer columns are branched on sooner than heuristics end. */
const SMALL = { mip_heuristic_effort: 0, mip_heuristic_run_feasibility_jump: false } as const;
const SMALL_COLUMNS = 200;
/** In programs of more columns presolving takes longer than it saves: its probing is quadratic in their long rows. */
const LARGE = { presolve: "off" } as const;
const LARGE_COLUMNS = 2000;

function solveWith(highs: Highs, milp: Milp, options: MilpOptions): MilpOutcome {
  const { columnCount: numCols, rowCount: numRows } = milp;
  const { modelStatus, callbackType } = highs.constants;
  if (numCols === 0) return { status: "optimal", values: new Float64Array(), bound: milp.offset };
  const data = {
    numCols,
    numRows,
    offset: milp.offset,
    colCost: milp.cost,
    colLower: milp.lower,
    colUpper: milp.upper,
    rowLower: milp.rowLower,
    rowUpper: milp.rowUpper,
    matrix: {
      format: "csr" as const,
      numRows,
      numCols,
      starts: milp.starts,
      indices: milp.indices,
      values: milp.values,
    },
    integrality: Int32Array.from(milp.integer),
  };
  return highs.withModel(data, (model): MilpOutcome => {
    model.options.set({ ...OPTIONS, ...(numCols < SMALL_COLUMNS ? SMALL : numCols > LARGE_COLUMNS ? LARGE : {}) });
    model.options.set("time_limit", Math.max(1e-3, options.seconds));
    if (options.start !== null) model.setSolution({ colValue: options.start });
    let best: Float64Array | null = null;
    let bound = Number.NEGATIVE_INFINITY;
    const seen = ({ mip_dual_bound }: { readonly mip_dual_bound?: number | null }) => {
      if (typeof mip_dual_bound === "number" && Number.isFinite(mip_dual_bound))
        bound = Math.max(bound, mip_dual_bound);
    };
    model.run({
      [callbackType.mipImprovingSolution]: (event) => {
        const values = event.data.mip_solution;
        if (values === undefined || violation(milp, values) > TOLERANCE) return;
        best = values;
        options.onImproved(values);
      },
      [callbackType.mipInterrupt]: (event) => {
        seen(event.data);
        if (options.shouldStop(bound)) event.interrupt();
      },
    });
    const status = model.getModelStatus();
    if (status === modelStatus.infeasible)
      return { status: "infeasible", values: null, bound: Number.POSITIVE_INFINITY };
    const values =
      model.info.get("primal_solution_status") === highs.constants.solutionStatus.feasible
        ? model.getSolution().colValue
        : null;
    if (values !== null && violation(milp, values) <= TOLERANCE) best = values;
    const dual = model.info.get("mip_dual_bound");
    // Without whole columns the bound of the linear program is its value.
    const proven = milp.integer.includes(1) ? dual : model.getObjectiveValue();
    if (status === modelStatus.optimal && best !== null) {
      return { status: "optimal", values: best, bound: typeof proven === "number" ? Math.max(bound, proven) : bound };
    }
    seen({ mip_dual_bound: typeof dual === "number" ? dual : null });
    return { status: "stopped", values: best, bound };
  });
}
