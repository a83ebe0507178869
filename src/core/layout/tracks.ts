import { item } from "../columns.ts";

/** Something that occupies the closed interval [low, high] of a track. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

export interface Tracks {
  /** Track of each span, in the order given. */
  readonly trackOf: Int32Array;
  readonly count: number;
}

/**
 * Lays spans on parallel tracks without overlap: in the order given, each on the first track that is free over
 * its interval with `clearance` to spare. O(spans x tracks x spans per track).
 */
export function assignTracks(spans: readonly Span[], clearance: number): Tracks {
  const trackOf = new Int32Array(spans.length);
  const tracks: Span[][] = [];
  for (const [index, span] of spans.entries()) {
    const isFree = (track: readonly Span[]) =>
      track.every((other) => other.high + clearance < span.low || span.high + clearance < other.low);
    let track = tracks.findIndex(isFree);
    if (track < 0) track = tracks.push([]) - 1;
    item(tracks, track).push(span);
    trackOf[index] = track;
  }
  return { trackOf, count: tracks.length };
}

/** A stretch of the wires of one net, with the places where it is reached from either side of the tracks. */
export interface NetSpan extends Span {
  readonly net: number;
  /** Where it comes from on the side of track 0, and where it leads to on the other side; null where neither. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Places nearer than this would be drawn as one line. */
const SAME_PLACE = 2;

/**
 * The same for spans that share a track when they belong to the same net; gives the track of each net. Where one
 * net comes from the place that another leads to, it gets the lower track, or their ends would lie on each other
 * (the vertical constraints of channel routing, Yoshimura & Kuh 1982); cycles of that are broken.
 */
export function assignNetTracks(
  spans: readonly NetSpan[],
  clearance: number,
): { readonly trackOf: ReadonlyMap<number, number>; readonly count: number } {
  const byNet = new Map<number, { low: number; high: number }>();
  for (const { net, low, high } of spans) {
    const known = byNet.get(net);
    if (known === undefined) byNet.set(net, { low, high });
    else {
      known.low = Math.min(known.low, low);
      known.high = Math.max(known.high, high);
    }
  }
  const lower = lowerNets(spans);
  const trackOf = new Map<number, number>();
  const tracks: Span[][] = [];
  for (const net of lowerFirst([...byNet.keys()], lower)) {
    const span = byNet.get(net);
    if (span === undefined) continue;
    let track = 0;
    for (const other of lower.get(net) ?? []) track = Math.max(track, (trackOf.get(other) ?? -1) + 1);
    while (tracks[track]?.some((other) => other.high + clearance >= span.low && span.high + clearance >= other.low)) {
      track += 1;
    }
    while (tracks.length <= track) tracks.push([]);
    item(tracks, track).push(span);
    trackOf.set(net, track);
  }
  return { trackOf, count: tracks.length };
}

/** For each net the nets that need a lower track. */
function lowerNets(spans: readonly NetSpan[]): Map<number, Set<number>> {
  const sources = spans.flatMap(({ net, from }) => (from === null ? [] : [{ net, place: from }]));
  const targets = spans.flatMap(({ net, to }) => (to === null ? [] : [{ net, place: to }]));
  sources.sort((a, b) => a.place - b.place);
  targets.sort((a, b) => a.place - b.place);
  const lower = new Map<number, Set<number>>();
  let first = 0;
  for (const target of targets) {
    while ((sources[first]?.place ?? Number.POSITIVE_INFINITY) < target.place - SAME_PLACE) first += 1;
    for (let i = first; i < sources.length; i++) {
      const source = item(sources, i);
      if (source.place > target.place + SAME_PLACE) break;
      if (source.net === target.net) continue;
      const known = lower.get(target.net) ?? new Set();
      lower.set(target.net, known.add(source.net));
    }
  }
  return lower;
}

/** The nets such that each comes after those that need a lower track, as far as there is no cycle. */
function lowerFirst(nets: readonly number[], lower: ReadonlyMap<number, ReadonlySet<number>>): number[] {
  const sorted: number[] = [];
  const seen = new Set<number>();
  for (const start of nets) {
    const stack = [{ net: start, isDone: false }];
    while (true) {
      const next = stack.pop();
      if (next === undefined) break;
      if (next.isDone) sorted.push(next.net);
      else if (!seen.has(next.net)) {
        seen.add(next.net);
        stack.push({ net: next.net, isDone: true });
        for (const other of lower.get(next.net) ?? []) stack.push({ net: other, isDone: false });
      }
    }
  }
  return sorted;
}
