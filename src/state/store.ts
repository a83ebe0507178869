import { createStore } from "zustand/vanilla";
import { AS_STORED } from "../core/plan/build-problem.ts";
import { NO_CONSTRAINTS } from "../core/plan/constraints.ts";
import { defaultRig } from "../core/rig/presets.ts";
import { createDirectActions, type DirectActions } from "./actions-direct.ts";
import { createFileActions, type FileActions } from "./actions-file.ts";
import { createGoalActions, type GoalActions } from "./actions-goals.ts";
import { createHistoryActions, type HistoryActions } from "./actions-history.ts";
import { createImportActions, type ImportActions } from "./actions-import.ts";
import { createLinkActions, type LinkActions } from "./actions-link.ts";
import { createModelActions, type ModelActions } from "./actions-model.ts";
import { createPlanActions, type PlanActions } from "./actions-plan.ts";
import { createProfileActions, type ProfileActions } from "./actions-profile.ts";
import { createProjectActions, type ProjectActions } from "./actions-project.ts";
import { createRigActions, type RigActions } from "./actions-rig.ts";
import { createStudyActions, type StudyActions } from "./actions-study.ts";
import { createVerifyActions, type VerifyActions } from "./actions-verify.ts";
import { createViewActions, type ViewActions } from "./actions-view.ts";
import { NETWORK_ITSELF } from "./inside.ts";
import { freshProject } from "./persistence/project-name.ts";
import type { AppState } from "./state.ts";

export type Actions = ModelActions &
  PlanActions &
  DirectActions &
  RigActions &
  HistoryActions &
  ViewActions &
  GoalActions &
  FileActions &
  ImportActions &
  ProfileActions &
  ProjectActions &
  LinkActions &
  VerifyActions &
  StudyActions;
export type Store = AppState & Actions;

/** How a group of actions reads and changes the state. */
export interface Access {
  readonly get: () => Store;
  readonly set: (change: Partial<AppState>) => void;
}

function initialState(): AppState {
  return {
    project: freshProject(),
    waiting: null,
    source: null,
    outline: null,
    model: null,
    digest: null,
    askingDimensions: false,
    problemChoice: null,
    opening: null,
    solving: null,
    readingProfiles: null,
    profiling: null,
    verifying: null,
    verifications: new Map(),
    profileImport: null,
    objective: "period",
    session: {
      setting: { rig: defaultRig(), encoding: AS_STORED, constraints: NO_CONSTRAINTS, profiles: new Map() },
      plan: { devices: [], stageOf: new Int32Array(0) },
      proof: null,
      schemes: [],
    },
    draft: null,
    refusal: null,
    past: [],
    future: [],
    selection: null,
    inside: NETWORK_ITSELF,
    overlay: { kind: "plan" },
    arrivalsPerSecond: null,
    studies: { pareto: null, map: null, robustness: null, running: null },
    impossible: null,
    notices: [],
  };
}

/** The one store of the app. */
export const createAppStore = () =>
  createStore<Store>()((set, get) => {
    const access: Access = { get, set: (change) => set(change) };
    return {
      ...initialState(),
      ...createModelActions(access),
      ...createPlanActions(access),
      ...createDirectActions(access),
      ...createRigActions(access),
      ...createHistoryActions(access),
      ...createViewActions(access),
      ...createStudyActions(access),
      ...createGoalActions(access),
      ...createFileActions(access),
      ...createImportActions(access),
      ...createProfileActions(access),
      ...createProjectActions(access),
      ...createLinkActions(access),
      ...createVerifyActions(access),
    };
  });

export type AppStore = ReturnType<typeof createAppStore>;
