import { currentRecord } from "../../state/verification.ts";
import { useApp } from "../shared/use-app.ts";
import { verdictBadge, verdictSentence } from "./verification-text.ts";

/** What a run of the plan's segments against the whole model came to; nothing before there was one. */
export function VerifyBadge() {
  const verification = useApp((state) => currentRecord(state)?.verification ?? null);
  const dragging = useApp((state) => state.draft !== null);
  if (verification === null || dragging) return null;
  const tone = verification.verdict === "different" ? "bad" : "good";
  const sentence = verdictSentence(verification);
  const { mark, text } = verdictBadge[verification.verdict];
  return (
    <span className="certificate" data-tone={tone} data-testid="verified" title={sentence}>
      {mark} <span className="badge-lead">segments </span>
      {text}
    </span>
  );
}
