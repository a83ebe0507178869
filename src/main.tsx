import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createAppStore } from "./state/store.ts";
import { App } from "./ui/app/app.tsx";
import { ErrorBoundary } from "./ui/app/error-boundary.tsx";
import { StoreProvider } from "./ui/shared/use-app.ts";

const FIRST_SAMPLE = "mobilenet-v2";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
const store = createAppStore();
void store.getState().openSample(FIRST_SAMPLE);
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <StoreProvider value={store}>
        <App />
      </StoreProvider>
    </ErrorBoundary>
  </StrictMode>,
);
