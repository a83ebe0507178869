import type { RawEntry } from "./formats/raw-profile.ts";
import type { Draft, Drafts } from "./match-drafts.ts";
import { servedLabel } from "./match-labels.ts";

/**
 * Attaches what the runtime inserted to the op that wanted it: to the entry that its label names, else a change of
 * layout on the way out to the op before it in the order of execution, everything else to the op after it. Gives
 * the entries that found no op. O(entries) for entries that are attached near by.
 */
export function attachOverheads(
  entries: readonly RawEntry[],
  drafts: Drafts,
  isOverhead: (index: number) => boolean,
): readonly number[] {
  const groupOf = new Map<number, Draft>();
  const byLabel = new Map<string, Draft>();
  for (const draft of drafts.groups) {
    groupOf.set(draft.entry, draft);
    byLabel.set(entries[draft.entry]?.label ?? "", draft);
  }
  const stray: number[] = [];
  for (const [index, entry] of entries.entries()) {
    if (!isOverhead(index)) continue;
    const neighbour = (step: number): Draft | undefined => {
      for (let i = index + step; i >= 0 && i < entries.length; i += step) {
        const draft = groupOf.get(i);
        if (draft !== undefined) return draft;
      }
      return undefined;
    };
    const served = servedLabel(entry.label);
    const named = served === null ? undefined : byLabel.get(served);
    const isOnTheWayOut = /^(ReorderOutput|MemcpyToHost)/.test(entry.opType ?? entry.label);
    const draft = named ?? (isOnTheWayOut ? (neighbour(-1) ?? neighbour(1)) : (neighbour(1) ?? neighbour(-1)));
    if (draft === undefined) stray.push(index);
    else draft.overheads.push(index);
  }
  return stray;
}
