/** What Chromium has beside the DOM's types. */
interface FilePicker {
  showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>;
}

export type SaveTarget = { readonly kind: "file"; readonly file: FileSystemFileHandle } | { readonly kind: "blob" };

/** Asks for a file to stream into, where the browser can; null where the person cancels. Must be called in a click. */
export async function chooseSaveTarget(suggestedName: string): Promise<SaveTarget | null> {
  const { showSaveFilePicker } = window as FilePicker;
  if (showSaveFilePicker === undefined) return { kind: "blob" };
  try {
    return { kind: "file", file: await showSaveFilePicker({ suggestedName }) };
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") return null;
    // The browser has it and does not allow it here: a download does as well.
    return { kind: "blob" };
  }
}

const TRIES = 40;
const PAUSE_MS = 100;

/**
 * Takes away the empty file that the browser makes when it is chosen, if nothing was written into it. The stream of a
 * worker that was ended holds it for a moment more.
 */
export async function discardEmpty(file: FileSystemFileHandle): Promise<void> {
  const { remove } = file as { remove?: () => Promise<void> };
  if (remove === undefined || (await file.getFile()).size > 0) return;
  for (let tried = 1; ; tried++) {
    try {
      await remove.call(file);
      return;
    } catch (reason) {
      const isHeld = reason instanceof DOMException && reason.name === "NoModificationAllowedError";
      if (!isHeld || tried === TRIES) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
