import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { workOffline } from "./state/offline.ts";
import { keepSession } from "./state/persistence/session-keeper.ts";
import { createAppStore } from "./state/store.ts";
import { App } from "./ui/app/app.tsx";
import { ErrorBoundary } from "./ui/app/error-boundary.tsx";
import { StoreProvider } from "./ui/shared/use-app.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
const store = createAppStore();
void store.getState().start();
keepSession(store);
void workOffline(store);
window.addEventListener("hashchange", () => void store.getState().openAddress());
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <StoreProvider value={store}>
        <App />
      </StoreProvider>
    </ErrorBoundary>
  </StrictMode>,
);
