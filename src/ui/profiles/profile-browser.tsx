import { useEffect, useState } from "react";
import { Button } from "../shared/controls.tsx";
import { useApp, useAppStore } from "../shared/use-app.ts";
import "./profiles.css";

/** Whether web pages may use a GPU here, told by asking for one. */
type GpuState = "asking" | "absent" | "present";

const GPU_TITLES: Readonly<Record<GpuState, string>> = {
  asking: "Asking the browser for a GPU",
  absent: "Not possible here: this browser offers no GPU to web pages (WebGPU has no adapter)",
  present: "Run the model by WebGPU and add the GPU as a device, with the measured latencies",
};

interface Gpu {
  requestAdapter(): Promise<object | null>;
}

function useGpu(): GpuState {
  const [state, setState] = useState<GpuState>("asking");
  useEffect(() => {
    let isStale = false;
    const gpu = (navigator as { readonly gpu?: Gpu }).gpu;
    const asked = gpu === undefined ? Promise.resolve(null) : gpu.requestAdapter().catch(() => null);
    void asked.then((adapter) => {
      if (!isStale) setState(adapter === null ? "absent" : "present");
    });
    return () => {
      isStale = true;
    };
  }, []);
  return state;
}

/** Measures the model in this browser, which becomes a device; says how far it is, and stops at once. */
export function ProfileBrowser() {
  const store = useAppStore();
  const profiling = useApp((state) => state.profiling);
  const gpu = useGpu();
  if (profiling === null) {
    return (
      <>
        <Button
          kind="quiet"
          title="Run the model in this browser and add it as a device, with the measured latencies"
          onClick={() => void store.getState().profileBrowser("wasm")}
        >
          Profile this browser
        </Button>
        <Button
          kind="quiet"
          disabled={gpu !== "present"}
          title={GPU_TITLES[gpu]}
          onClick={() => void store.getState().profileBrowser("webgpu")}
        >
          Profile its GPU
        </Button>
      </>
    );
  }
  return (
    <div className="profiling" role="status">
      <span className="device-line">{profiling.label}</span>
      <progress
        max={1}
        aria-label="Profiling"
        {...(profiling.fraction === null ? {} : { value: profiling.fraction })}
      />
      <Button kind="quiet" label="Cancel profiling" onClick={profiling.cancel}>
        Cancel
      </Button>
    </div>
  );
}
