/** How long a stage's segment took here, against what the model's profile of the same machine predicted for it. */
export interface MeasuredStage {
  readonly stage: number;
  /** Seconds: fixed time per run and the ops' times, out of the profile of the whole model. */
  readonly predictedSeconds: number;
  /** Median of the runs of the segment. */
  readonly measuredSeconds: number;
  /** Half the width of the median's 95 % confidence interval over the median; null for too few runs. */
  readonly spread: number | null;
  readonly runs: number;
}

/** Bytes that pass a boundary: as the plan counts them, and as the segments sent them. */
export interface MeasuredTransfer {
  readonly from: number;
  readonly to: number;
  readonly predictedBytes: number;
  readonly measuredBytes: number;
}

/** Stages measured on one machine, whatever devices the plan has them on. */
export interface Measurement {
  /** "onnxruntime-web 1.30.0 WASM, 4 threads, level all" */
  readonly runtime: string;
  /** Name of the machine: "This browser". */
  readonly device: string;
  readonly stages: readonly MeasuredStage[];
  readonly transfers: readonly MeasuredTransfer[];
}

/** By how much a prediction is off, relative to what was measured. */
export const relativeError = (predicted: number, measured: number): number =>
  predicted === measured ? 0 : Math.abs(predicted - measured) / measured;

/** Mean of the stages' relative errors; 0 without stages. */
export function meanStageError({ stages }: Measurement): number {
  if (stages.length === 0) return 0;
  const errors = stages.map(({ predictedSeconds, measuredSeconds }) =>
    relativeError(predictedSeconds, measuredSeconds),
  );
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}
