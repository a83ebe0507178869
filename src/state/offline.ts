import type { AppState } from "./state.ts";

interface Watchable {
  subscribe(listener: (state: AppState) => void): () => void;
}

/** Resolves once a model is on screen and nothing runs for it any more: what comes then does not hold anything up. */
function modelSettled(store: Watchable): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.subscribe(({ digest, opening, solving }) => {
      if (digest === null || opening !== null || solving !== null) return;
      stop();
      resolve();
    });
  });
}

/**
 * Keeps the app's own files in the browser, so that it works without a network from then on. A browser that does not
 * allow that shows the app all the same.
 */
export async function workOffline(store: Watchable): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  await modelSettled(store);
  try {
    await navigator.serviceWorker.register(new URL("service-worker.js", document.baseURI), { type: "module" });
    const { active } = await navigator.serviceWorker.ready;
    active?.postMessage("model-opened");
  } catch {
    // The app is as it was without; there is nothing that a person could do about it.
  }
}
