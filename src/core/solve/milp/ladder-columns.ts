import { item } from "../../columns.ts";
import type { LadderShape } from "../ladder-shape.ts";
import { Linear, ONE, type Term, ZERO } from "./milp.ts";
import type { MilpBuilder } from "./milp-builder.ts";
import type { OpGroups } from "./op-groups.ts";

/**
 * The decisions of a ladder: for every op, and for the end, which follows all ops, and every label k but the last a
 * column that is 1 exactly if the op's label is at most k.
 */
export class LadderColumns {
  readonly labels: number;
  readonly #rows: readonly Term[][];
  /** Whether some op can have no label. */
  readonly impossible: boolean;

  /** `allows(node, label)`: node `shape.end` is the end. */
  constructor(
    builder: MilpBuilder,
    { shape, groups, labels }: { readonly shape: LadderShape; readonly groups: OpGroups; readonly labels: number },
    allows: (node: number, label: number) => boolean,
  ) {
    this.labels = labels;
    let impossible = false;
    const columnsOf = (node: number): Term[] => {
      const allowed = Array.from({ length: labels }, (_, label) => allows(node, label));
      const first = allowed.indexOf(true);
      const last = allowed.lastIndexOf(true);
      if (first < 0) impossible = true;
      const terms: Term[] = [];
      for (let label = 0; label < labels; label++) {
        const before = terms[label - 1] ?? ZERO;
        if (label < first || first < 0) terms.push(ZERO);
        else if (label >= last) terms.push(ONE);
        else if (allowed[label] !== true) terms.push(before);
        else {
          const column = builder.binary();
          if (before !== ZERO) builder.atMost(new Linear().add(before, 1).add(column, -1), 0);
          terms.push(column);
        }
      }
      return terms;
    };
    const ofLeader = new Map(groups.leaders.map((leader) => [leader, columnsOf(leader)]));
    this.#rows = [...Array.from(groups.leader, (leader) => ofLeader.get(leader) ?? []), columnsOf(shape.end)];
    this.impossible = impossible;
  }

  /** 1 exactly if the label of a node is at most `label`; label -1 is below all. Node -1 has label 0. */
  upTo(node: number, label: number): Term {
    if (label < 0) return ZERO;
    return node < 0 || label >= this.labels - 1 ? ONE : (item(this.#rows, node)[label] ?? ZERO);
  }

  /** 1 exactly if a node has a label. */
  is(node: number, label: number): Linear {
    return new Linear().add(this.upTo(node, label), 1).add(this.upTo(node, label - 1), -1);
  }

  /** Sets the decisions of one node; false where the label is not allowed. */
  assign(point: Float64Array, node: number, label: number): boolean {
    for (const [k, term] of item(this.#rows, node).entries()) {
      const value = label <= k ? 1 : 0;
      if (term === ZERO || term === ONE) {
        if (value !== (term === ONE ? 1 : 0)) return false;
      } else point[term] = value;
    }
    // Labels that are skipped share a column with the one before.
    return this.labelOf(point, node) === label;
  }

  labelOf(values: Float64Array, node: number): number {
    const terms = item(this.#rows, node);
    const label = terms.findIndex((term) => term === ONE || (term !== ZERO && (values[term] ?? 0) > 0.5));
    return label < 0 ? this.labels - 1 : label;
  }
}
