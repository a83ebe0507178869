import { i32, item } from "../columns.ts";

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

/** The same for spans that share a track when they belong to the same net; gives the track of each net. */
export function assignNetTracks(
  spans: readonly (Span & { readonly net: number })[],
  clearance: number,
): { readonly trackOf: Map<number, number>; readonly count: number } {
  const byNet = new Map<number, { low: number; high: number }>();
  for (const { net, low, high } of spans) {
    const known = byNet.get(net);
    if (known === undefined) byNet.set(net, { low, high });
    else {
      known.low = Math.min(known.low, low);
      known.high = Math.max(known.high, high);
    }
  }
  const { trackOf, count } = assignTracks([...byNet.values()], clearance);
  return { trackOf: new Map([...byNet.keys()].map((net, index) => [net, i32(trackOf, index)])), count };
}
