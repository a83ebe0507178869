const KEY = "splitscope-project";

/** Storage that is switched off throws on every access. */
function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

export interface LastProject {
  readonly id: string;
  /** Whether it was this tab's before it was loaded again, and not that of any other. */
  readonly isOfThisTab: boolean;
}

/** The project to go on with; null on a first visit. */
export function lastProject(): LastProject | null {
  const own = attempt(() => sessionStorage.getItem(KEY), null);
  const id = own ?? attempt(() => localStorage.getItem(KEY), null);
  return id === null ? null : { id, isOfThisTab: own !== null };
}

export function rememberProject(id: string): void {
  attempt(() => {
    sessionStorage.setItem(KEY, id);
    localStorage.setItem(KEY, id);
  }, undefined);
}
