import { SAMPLES } from "../../core/testing/samples/catalogue-entries.ts";
import type { AppState, Project } from "../state.ts";

/** A project of its own, which goes by its model's name. */
export function freshProject(): Project {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return { id: [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""), name: null, lesson: null };
}

/** Name of the open model as people know it: a sample's title, or the file. */
export function modelNameOf({ source, model }: AppState): string {
  const sample = source?.kind === "sample" ? SAMPLES.find(({ id }) => id === source.id) : undefined;
  return sample?.title ?? model?.fileName ?? "";
}

export const projectNameOf = (state: AppState): string => state.project.name ?? modelNameOf(state);

/** The project for another model: the present one where nothing was done in it, so that nothing is lost, else a fresh one. */
export function projectForNext({ project, past, session, model }: AppState): Project {
  const isTouched =
    project.name !== null ||
    past.length > 0 ||
    session.schemes.length > 0 ||
    session.setting.profiles.size > 0 ||
    (model?.givenTypes.size ?? 0) > 0;
  return isTouched ? freshProject() : project;
}
