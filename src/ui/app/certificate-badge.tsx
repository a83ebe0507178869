import { objectiveText } from "../../core/plan/objective.ts";
import type { Certificate } from "../../core/solve/solver.ts";
import type { Proof, Session } from "../../state/state.ts";
import { useApp } from "../shared/use-app.ts";

interface Statement {
  readonly tone: "good" | "warn" | "plain";
  readonly text: string;
  /** Of which figure; "" where nothing is claimed. */
  readonly of: string;
  readonly detail: string;
}

function certificateText(certificate: Certificate, value: number): string {
  switch (certificate.status) {
    case "optimal":
      return "optimal";
    case "gap":
      return `within ${(100 * (1 - certificate.bound / value)).toFixed(1)} %`;
    case "best-found":
      return "best found";
  }
}

/** What may be said of the plan on screen: a proof holds for the plan and the setting it was made for only. */
function statement(session: Session, dragging: boolean): Statement {
  const { proof, setting } = session;
  if (dragging || proof === null)
    return { tone: "plain", text: "by hand", of: "", detail: "This plan was made by hand." };
  if (proof.setting !== setting) {
    return {
      tone: "plain",
      text: "not proven",
      of: "",
      detail: "The rig changed since this plan was found. Auto-partition looks again.",
    };
  }
  return proven(proof);
}

function proven(proof: Proof): Statement {
  const { certificate, objective, method, value } = proof;
  return {
    tone: certificate.status === "optimal" ? "good" : "warn",
    text: certificateText(certificate, value),
    of: objective === "period" ? "rate" : objectiveText(objective),
    detail: `${certificate.scope}. Method: ${method}.`,
  };
}

export function CertificateBadge() {
  const session = useApp((state) => state.session);
  const dragging = useApp((state) => state.draft !== null);
  const { tone, text, of, detail } = statement(session, dragging);
  return (
    <span className="certificate" data-tone={tone} data-testid="certificate" title={detail}>
      {tone === "good" ? "✓ " : ""}
      {text}
      {of === "" ? null : <span className="certificate-of"> {of}</span>}
    </span>
  );
}
