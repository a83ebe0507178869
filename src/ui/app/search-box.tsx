import { useState } from "react";
import type { Graph } from "../../core/graph/graph.ts";
import { searchIndex, searchOps } from "../../core/graph/search.ts";
import { memo } from "../../state/memo.ts";

interface SearchBoxProps {
  readonly graph: Graph;
  /** Selects an op and brings it into view. */
  readonly onFound: (op: number) => void;
}

const indexOf = memo(searchIndex, 1);
const NONE: readonly number[] = [];
const findOps = memo(
  (graph: Graph, text: string): readonly number[] => (text.trim() === "" ? NONE : searchOps(indexOf(graph), text)),
  1,
);

/** Search by name, op type, tensor, element type or shape; Enter steps through the hits, Shift+Enter back. */
export function SearchBox({ graph, onFound }: SearchBoxProps) {
  const [text, setText] = useState("");
  const [hit, setHit] = useState(-1);
  const hits = findOps(graph, text);
  const go = (step: number) => {
    if (hits.length === 0) return;
    const next = (hit + step + hits.length) % hits.length;
    const op = hits[next];
    if (op === undefined) return;
    setHit(next);
    onFound(op);
  };
  return (
    <search className="search">
      <input
        id="op-search"
        type="search"
        placeholder="Find  /"
        aria-label="Find an op by name, type, tensor, element type or shape"
        title="Name, op type, tensor, element type (float16) or shape (1x64x56x56); Enter goes from hit to hit"
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
