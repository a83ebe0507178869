import { type ReactNode, useId, useState } from "react";
import { item } from "../../core/columns.ts";
import type { Graph } from "../../core/graph/graph.ts";
import { profileCoverage } from "../../core/profile/apply.ts";
import type { MatchedProfile } from "../../core/profile/match.ts";
import { totalOf } from "../../core/profile/scale-to-total.ts";
import { formatSeconds } from "../../core/units.ts";

/** Longest list shown; the rest is counted. */
const SHOWN = 200;

interface CoveredOpsProps {
  readonly matched: MatchedProfile;
  readonly graph: Graph;
  /** One sentence each. */
  readonly warnings: readonly string[];
  readonly onMatch: (entry: number, op: number) => void;
}

/** How much of the model a profile covers: a bar, and the lists behind it, where entries can be given to ops. */
export function CoveredOps({ matched, graph, warnings, onMatch }: CoveredOpsProps) {
  const { raw } = matched;
  const { ops, matchedOps, seconds, matchedShare } = profileCoverage(matched);
  const names = (numbers: readonly number[]) => numbers.map((op) => item(graph.opNames, op)).join(" + ");
  const label = (entry: number) => item(raw.entries, entry).label;
  const time = (entry: number) => formatSeconds(item(raw.entries, entry).latency.median);
  const free = [...matched.elided, ...matched.duplicates];
  const total = totalOf(raw);
  const runs = raw.runs === 1 ? "1 run" : `${raw.runs} runs`;
  return (
    <>
      {total === null ? (
        <>
          <p>
            <strong>
              {matchedOps} of {ops} ops
            </strong>
            , {Math.round(100 * matchedShare)} % of the file's {formatSeconds(seconds)}, {runs}
          </p>
          <span
            className="coverage"
            role="img"
            aria-label={`${Math.round((100 * matchedOps) / Math.max(1, ops))} % of the ops covered`}
          >
            <span style={{ width: `${(100 * matchedOps) / Math.max(1, ops)}%` }} />
          </span>
        </>
      ) : (
        <p>
          <strong>{formatSeconds(total.median)} for a whole inference</strong>, {runs}: scales the estimates of{" "}
          {matched.unmatchedOps.length} ops
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning} className="import-warning">
          {warning}
        </p>
      ))}
      <div className="import-lists">
        <Listed
          title="Entries that fit no op"
          rows={matched.unmatchedEntries.map((entry) => ({
            key: entry,
            cells: [label(entry), time(entry)],
            below: <HandMatch graph={graph} matched={matched} entry={entry} onMatch={onMatch} />,
          }))}
        />
        <Listed
          title="Ops without a measurement"
          rows={matched.unmatchedOps.map((op) => ({ key: op, cells: [names([op]), item(graph.opTypes, op)] }))}
        />
        <Listed
          title="Timed, alone or fused"
          rows={matched.groups.map((group) => ({
            key: group.entry,
            cells: [names(group.ops), time(group.entry)],
            title: `${label(group.entry)}: by ${group.rule}, ${Math.round(100 * group.confidence)} % sure`,
          }))}
        />
        <Listed
          title="Take no time of their own"
          rows={free.map((op) => ({ key: op, cells: [names([op]), item(graph.opTypes, op)] }))}
        />
      </div>
    </>
  );
}

interface Row {
  readonly key: number;
  readonly cells: readonly [string, string];
  readonly title?: string;
  readonly below?: ReactNode;
}

function Listed({ title, rows }: { readonly title: string; readonly rows: readonly Row[] }) {
  const [open, setOpen] = useState(false);
  if (rows.length === 0) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {title} <span className="import-count">{rows.length}</span>
      </summary>
      {open ? (
        <ul>
          {rows.slice(0, SHOWN).map(({ key, cells: [name, detail], title: hint, below }) => (
            <li key={key} title={hint}>
              <span className="tensor-name">{name === "" ? "(without a name)" : name}</span>
              <span className="import-detail">{detail}</span>
              {below}
            </li>
          ))}
          {rows.length > SHOWN ? <li className="import-detail">and {rows.length - SHOWN} more</li> : null}
        </ul>
      ) : null}
    </details>
  );
}

interface HandMatchProps extends Omit<CoveredOpsProps, "warnings"> {
  readonly entry: number;
}

/** Gives an entry to an op: those without a measurement come first, any op can be typed. */
function HandMatch({ graph, matched, entry, onMatch }: HandMatchProps) {
  const id = useId();
  const [text, setText] = useState("");
  const label = item(matched.raw.entries, entry).label;
  const isOp = (name: string) => graph.opNames.includes(name);
  const take = (name: string) => {
    const op = graph.opNames.indexOf(name);
    if (op >= 0) onMatch(entry, op);
  };
  return (
    <span className="hand-match">
      <input
        type="text"
        value={text}
        list={id}
        placeholder="is the op…"
        aria-label={`Op that ${label} measured`}
        aria-invalid={text !== "" && !isOp(text)}
        onChange={(event) => {
          setText(event.target.value);
          // A name chosen from the list comes whole; one that is typed may still grow into a longer one.
          const { inputType } = event.nativeEvent as InputEvent;
          if (inputType === undefined || inputType === "insertReplacementText") take(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          take(text);
        }}
      />
      <datalist id={id}>
        {(matched.unmatchedOps.length > 0 ? matched.unmatchedOps : [...graph.opNames.keys()]).map((op) => (
          <option key={op} value={item(graph.opNames, op)} />
        ))}
      </datalist>
      <button type="button" className="button button-quiet" disabled={!isOp(text)} onClick={() => take(text)}>
        Match
      </button>
    </span>
  );
}
