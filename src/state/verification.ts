import type { OpenedModel } from "../core/graph/opened-model.ts";
import type { Encoding } from "../core/plan/wire.ts";
import { segmentsFingerprint } from "../core/verification/fingerprint.ts";
import type { VerificationRecord } from "../core/verification/verification-record.ts";
import { memo } from "./memo.ts";
import type { AppState, StagedPlan } from "./state.ts";

const fingerprintFor = memo(
  (model: OpenedModel, sha256: string | null, plan: StagedPlan, encoding: Encoding): string =>
    segmentsFingerprint({ sha256, bindings: model.bindings, stageOf: plan.stageOf, encoding }),
  8,
);

/** Fingerprint of the segments of the plan on screen; null without a model. */
export function currentFingerprint({ model, digest, session }: AppState): string | null {
  return model === null ? null : fingerprintFor(model, digest, session.plan, session.setting.encoding);
}

/** What was found out about the segments of the plan on screen, by a run here or as its file says; null for nothing. */
export function currentRecord(state: AppState): VerificationRecord | null {
  const fingerprint = currentFingerprint(state);
  return fingerprint === null ? null : (state.verifications.get(fingerprint) ?? null);
}
