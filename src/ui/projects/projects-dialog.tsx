import { useCallback, useEffect, useState } from "react";
import { PROJECT_VERSION, type ProjectSummary } from "../../state/persistence/kept-project.ts";
import { Button } from "../shared/controls.tsx";
import { Modal } from "../shared/modal.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./projects.css";

interface ProjectsDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Everything kept in this browser, to open, rename, copy and delete. */
export function ProjectsDialog({ open, onClose }: ProjectsDialogProps) {
  return (
    <Modal open={open} labelledBy="projects-title" className="wide-dialog projects-dialog" onClose={onClose}>
      <ProjectList onClose={onClose} />
    </Modal>
  );
}

function ProjectList({ onClose }: { readonly onClose: () => void }) {
  const store = useAppStore();
  const current = useApp((state) => state.project.id);
  const [projects, setProjects] = useState<readonly ProjectSummary[] | null>(null);
  const refresh = useCallback(async () => setProjects(await store.getState().listProjects()), [store]);
  useEffect(() => void refresh(), [refresh]);
  const change = async (work: Promise<void>) => {
    await work;
    await refresh();
  };
  const leave = (work: Promise<void>) => {
    onClose();
    void work;
  };
  return (
    <>
      <h2 id="projects-title">Projects</h2>
      <p>
        Models, rigs, profiles, plans and their history, kept in this browser only: nothing is uploaded, and clearing
        the site's data deletes them. To take one elsewhere, export its plan.
      </p>
      {projects === null ? <p role="status">Reading…</p> : null}
      {projects?.length === 0 ? <p role="status">Nothing is kept yet.</p> : null}
      {projects === null || projects.length === 0 ? null : (
        <div className="projects-scroll">
          <table className="projects-table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Model</th>
                <th scope="col">Last change</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {projects.map((project) => (
                <ProjectRow
                  key={project.id}
                  project={project}
                  isCurrent={project.id === current}
                  onOpen={() => leave(store.getState().openProject(project.id))}
                  onRename={(name) => void change(store.getState().renameProject(project.id, name))}
                  onDuplicate={() => void change(store.getState().duplicateProject(project.id))}
                  onDelete={() => void change(store.getState().removeProject(project.id))}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="dialog-buttons">
        <Button onClick={() => leave(store.getState().newProject())}>New project</Button>
        <Button kind="primary" onClick={onClose}>
          Close
        </Button>
      </div>
    </>
  );
}

interface ProjectRowProps {
  readonly project: ProjectSummary;
  readonly isCurrent: boolean;
  readonly onOpen: () => void;
  readonly onRename: (name: string) => void;
  readonly onDuplicate: () => void;
  readonly onDelete: () => void;
}

const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function ProjectRow({ project, isCurrent, onOpen, onRename, onDuplicate, onDelete }: ProjectRowProps) {
  const [mode, setMode] = useState<"shown" | "renaming" | "deleting">("shown");
  const { name, modelName, modifiedAt } = project;
  const isNewer = project.version > PROJECT_VERSION;
  return (
    <tr aria-current={isCurrent ? "true" : undefined}>
      <th scope="row">
        {mode === "renaming" ? (
          <NameForm
            name={name}
            onDone={(given) => {
              setMode("shown");
              if (given !== null) onRename(given);
            }}
          />
        ) : (
          <>
            {name}
            {isCurrent ? <small>on screen</small> : null}
            {isNewer ? <small>made by a later version</small> : null}
          </>
        )}
      </th>
      <td>{modelName}</td>
      <td className="projects-date">{DATE.format(modifiedAt)}</td>
      <td>
        <span className="projects-actions">
          {mode === "deleting" ? (
            <>
              <Button kind="danger" label={`Delete ${name} for good`} onClick={onDelete}>
                Delete for good
              </Button>
              <Button kind="quiet" onClick={() => setMode("shown")}>
                Keep
              </Button>
            </>
          ) : (
            <>
              <Button label={`Open ${name}`} disabled={isCurrent || isNewer} onClick={onOpen}>
                Open
              </Button>
              <Button kind="quiet" label={`Rename ${name}`} disabled={isNewer} onClick={() => setMode("renaming")}>
                Rename
              </Button>
              <Button kind="quiet" label={`Duplicate ${name}`} disabled={isNewer} onClick={onDuplicate}>
                Duplicate
              </Button>
              <Button kind="quiet" label={`Delete ${name}`} onClick={() => setMode("deleting")}>
                Delete
              </Button>
            </>
          )}
        </span>
      </td>
    </tr>
  );
}

/** The field takes the place of the button that was pressed. */
const takeFocus = (field: HTMLInputElement | null) => field?.select();

/** The name while it is edited: Enter or leaving takes it over, Escape does not. */
function NameForm({ name, onDone }: { readonly name: string; readonly onDone: (name: string | null) => void }) {
  const [text, setText] = useState(name);
  return (
    <input
      className="projects-name"
      aria-label={`New name of ${name}`}
      maxLength={120}
      value={text}
      ref={takeFocus}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => onDone(text === name ? null : text)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onDone(text === name ? null : text);
        if (event.key === "Escape") {
          event.preventDefault();
          onDone(null);
        }
      }}
    />
  );
}
