import { useState } from "react";
import type { Graph } from "../../core/graph/graph.ts";
import { useAppStore } from "../shared/use-app.ts";

interface SearchBoxProps {
  readonly graph: Graph;
  /** Brings an op into view. */
  readonly onFound: (op: number) => void;
}

/** Ops whose name or type holds the text, in the order in which the network reads. O(ops). */
function findOps(graph: Graph, text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const found: number[] = [];
  for (let op = 0; op < graph.opCount; op++) {
    const names = `${graph.opNames[op]} ${graph.opTypes[op]}`.toLowerCase();
    if (names.includes(wanted)) found.push(op);
  }
  return found;
}

/** Search by op name or type; Enter steps through the hits. */
export function SearchBox({ graph, onFound }: SearchBoxProps) {
  const store = useAppStore();
  const [text, setText] = useState("");
  const [hit, setHit] = useState(-1);
  const hits = findOps(graph, text);
  const go = (step: number) => {
    if (hits.length === 0) return;
    const next = (hit + step + hits.length) % hits.length;
    const op = hits[next];
    if (op === undefined) return;
    setHit(next);
    store.getState().select({ kind: "op", op });
    onFound(op);
  };
  return (
    <search className="search">
      <input
        id="op-search"
        type="search"
        placeholder="Find an op  /"
        aria-label="Find an op by name or type"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setHit(-1);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <output>{text.trim() === "" ? "" : hits.length === 0 ? "none" : `${hit + 1} of ${hits.length}`}</output>
    </search>
  );
}
