import type { Fields } from "../json.ts";
import { type Constraints, NO_CONSTRAINTS } from "./constraints.ts";
import { FIGURES, type Figure, type Objective } from "./objective.ts";

/** An objective as files hold it: a figure's name, or `{"mix": {"latency": 1}}`. */
export function readObjectiveField(fields: Fields, name: string): Objective {
  if (typeof fields.get(name) !== "object") return fields.oneOf(name, FIGURES);
  return { mix: readFigures(fields.object(name).object("mix")) };
}

function readFigures(fields: Fields): Partial<Record<Figure, number>> {
  const figures: Partial<Record<Figure, number>> = {};
  for (const name of fields.names()) {
    const figure = FIGURES.find((known) => known === name);
    if (figure === undefined) fields.reject(name, `no field but ${FIGURES.join(", ")}`);
    else figures[figure] = fields.number(figure, { min: 0 });
  }
  return figures;
}

/** Constraints as part of a file, `constraintsJson` read back; what is left out constrains nothing. */
export function readConstraints(fields: Fields): Constraints {
  const none = NO_CONSTRAINTS;
  const whole = { integer: true, min: 0 } as const;
  const overlap = fields.get("overlap") ?? none.overlap;
  if (typeof overlap !== "boolean") fields.reject("overlap", "true or false");
  const groups = fields.objects("groups", []).map((group) => group.textList("ops"));
  return {
    pins: fields.objects("pins", []).map((pin) => ({ op: pin.text("op"), device: pin.text("device") })),
    firstOpsOnSource: fields.number("firstOpsOnSource", whole, none.firstOpsOnSource),
    forbiddenDevices: fields.textList("forbiddenDevices", none.forbiddenDevices),
    maxStages: fields.numberOrNull("maxStages", { integer: true, min: 1 }, none.maxStages),
    linkMaxBytes: fields
      .objects("linkMaxBytes", [])
      .map((cap) => ({ link: cap.text("link"), bytes: cap.number("bytes", { min: 0 }) })),
    groups,
    delivery: fields.has("delivery") ? fields.oneOf("delivery", ["relayed", "direct"]) : none.delivery,
    overlap: overlap === true,
    queuedFrames: fields.number("queuedFrames", whole, none.queuedFrames),
    limits: fields.has("limits") ? readFigures(fields.object("limits")) : none.limits,
  };
}

/** Constraints as a plain object of the file format. */
export function constraintsJson({ groups, ...constraints }: Constraints): object {
  return { ...constraints, groups: groups.map((ops) => ({ ops })) };
}
