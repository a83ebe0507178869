import { currentRecord } from "../../state/verification.ts";
import { useApp } from "../shared/use-app.ts";
import { verdictText } from "./verification-text.ts";

/** What a run of the plan's segments against the whole model came to; nothing before there was one. */
export function VerifyBadge() {
  const verification = useApp((state) => currentRecord(state)?.verification ?? null);
  const dragging = useApp((state) => state.draft !== null);
  if (verification === null || dragging) return null;
  const { tone, mark, badge, sentence } = verdictText(verification);
  const [before, text, after] = badge;
  return (
    <span className="certificate verified" data-tone={tone} data-testid="verified" title={sentence}>
      {mark} <span className="badge-lead">{before}</span>
      {text}
      <span className="badge-lead">{after}</span>
    </span>
  );
}
