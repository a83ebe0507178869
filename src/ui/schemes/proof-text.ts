import { objectiveText } from "../../core/plan/objective.ts";
import type { Proof, Setting } from "../../state/state.ts";

/** What may be said of a plan in a word or two: a proof holds for the setting that it was made under only. */
export function proofText(proof: Proof | null, setting: Setting): string {
  if (proof === null || proof.setting !== setting) return "-";
  const { certificate, value, objective } = proof;
  const subject = objective === "period" ? "rate" : objectiveText(objective);
  switch (certificate.status) {
    case "optimal":
      return `optimal ${subject}`;
    case "gap":
      return `${subject} within ${(100 * (1 - certificate.bound / value)).toFixed(1)} %`;
    case "best-found":
      return `best ${subject} found`;
  }
}
