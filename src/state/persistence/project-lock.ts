/** How long another page may still hold a project that is asked for, in milliseconds. */
const PATIENCE = 300;
/** The same for a page that this one takes the place of. */
const PATIENCE_AFTER_RELOAD = 3000;

export interface ProjectLock {
  /** Whether this tab has the project now; `again` where it had it before it was loaded again. Lets go of the one before. */
  hold(id: string, again?: boolean): Promise<boolean>;
}

/**
 * Keeps a project to one tab, so that two do not overwrite each other's. A browser without locks (a page of plain HTTP)
 * has every project for itself.
 */
export function createProjectLock(): ProjectLock {
  let held: { readonly id: string; readonly release: () => void } | null = null;

  const letGo = () => {
    held?.release();
    held = null;
  };

  const take = (id: string, patience: number): Promise<boolean> =>
    new Promise((resolve) => {
      const granted = () =>
        new Promise<void>((release) => {
          letGo();
          held = { id, release };
          resolve(true);
        });
      const options = { signal: AbortSignal.timeout(patience) };
      navigator.locks.request(`splitscope-project-${id}`, options, granted).catch(() => resolve(false));
    });

  // The page that comes next need not wait until this one is taken down. One that comes back takes it again on saving.
  if (typeof window !== "undefined") window.addEventListener("pagehide", letGo);

  return {
    hold: async (id, again = false) =>
      held?.id === id || !("locks" in navigator) || (await take(id, again ? PATIENCE_AFTER_RELOAD : PATIENCE)),
  };
}
