import { at, item } from "../../core/columns.ts";
import { enclosing } from "../../core/graph/module-tree.ts";
import type { OpenedGraph } from "../../core/graph/opened-model.ts";
import { moduleText } from "./looks.ts";
import type { Trace } from "./trace.ts";
import type { Modules } from "./use-modules.ts";
import "./module-path.css";

interface ModulePathProps {
  readonly model: OpenedGraph;
  readonly modules: Modules;
  /** The selected op, or null. */
  readonly selected: number | null;
  readonly trace: Trace;
  readonly onTrace: (trace: Trace) => void;
}

/** Over the network: levels of modules, those around the selected op, and what to trace from it. */
export function ModulePath({ model, modules, selected, trace, onTrace }: ModulePathProps) {
  const tree = model.modules;
  const around = selected === null ? [] : enclosing(tree, at(tree.blockOf, selected)).reverse();
  const firstClosed = around.findIndex((module) => !modules.open.has(module));
  const shown = firstClosed < 0 ? around : around.slice(0, firstClosed + 1);
  const isWhole = firstClosed >= 0;
  return (
    <nav className="module-path" aria-label="Modules">
      <button type="button" title="Close the innermost open modules" onClick={modules.closeLevel}>
        <span aria-hidden="true">−</span>
        <span className="visually-hidden">Close a level of modules</span>
      </button>
      <button type="button" title="Open the modules on screen, as many as fit" onClick={modules.openLevel}>
        <span aria-hidden="true">+</span>
        <span className="visually-hidden">Open a level of modules</span>
      </button>
      {shown.map((module) => {
        const isOpen = modules.open.has(module);
        return (
          <button
            key={module}
            type="button"
            className="module-step"
            aria-expanded={isOpen}
            title={`${item(tree.names, module)}: ${moduleText(model, module)}. ${isOpen ? "Close it (Backspace)" : "Open it (Enter)"}`}
            onClick={() => (isOpen ? modules.closeModule(module) : modules.openModule(module))}
          >
            {item(tree.names, module)} <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
          </button>
        );
      })}
      <span className="module-note" role="status">
        {modules.note}
      </span>
      {selected === null ? null : (
        <>
          {isWhole ? null : <span className="module-op">{item(model.graph.opNames, selected).split("/").at(-1)}</span>}
          <TraceButton label="Upstream" of="upstream" trace={trace} onTrace={onTrace} />
          <TraceButton label="Downstream" of="downstream" trace={trace} onTrace={onTrace} />
        </>
      )}
    </nav>
  );
}

function TraceButton(props: {
  readonly label: string;
  readonly of: "upstream" | "downstream";
  readonly trace: Trace;
  readonly onTrace: (trace: Trace) => void;
}) {
  const { label, of, trace, onTrace } = props;
  const isOn = trace[of];
  return (
    <button
      type="button"
      aria-pressed={isOn}
      title={of === "upstream" ? "Show what the selection depends on (u)" : "Show what depends on the selection (d)"}
      onClick={() => onTrace({ ...trace, [of]: !isOn })}
    >
      {label}
    </button>
  );
}
