/**
 * A pipeline of stages over down-sets of the graph: op `i` runs in stage `stageOf[i]`, on device
 * `stages[stageOf[i]]`. Along every edge the stage number never falls, so each boundary is a frontier.
 * Stage 0 is on the source device (where the input is born) and may be empty; every other stage holds an op.
 * Tensors travel from stage to stage, relayed where a stage does not read them; the graph's outputs travel to
 * the last stage and from there to the sink.
 */
export interface Plan {
  /** Device index of each stage. */
  readonly stages: readonly number[];
  /** Stage of each op. */
  readonly stageOf: Int32Array;
}
