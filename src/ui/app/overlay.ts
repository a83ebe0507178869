import type { OpenedModel } from "../../core/graph/opened-model.ts";
import { latencyTables } from "../../state/derive.ts";
import type { Overlay, Setting } from "../../state/state.ts";
import {
  type Canvas,
  latencyLooks,
  type OverlayLooks,
  provenanceLooks,
  ratioLooks,
  type TimedDevice,
  uncertaintyLooks,
} from "../graph/overlay-looks.ts";

/** Looks of the boxes under an overlay; null for the plan's own colours, and where a device has left the rig. */
export function overlayLooks(
  overlay: Overlay,
  model: OpenedModel,
  setting: Setting,
  canvas: Canvas,
): OverlayLooks | null {
  const timed = (id: string): TimedDevice | null => {
    const index = setting.rig.devices.findIndex((device) => device.id === id);
    const device = setting.rig.devices[index];
    const table = latencyTables(model, setting)[index];
    return device === undefined || table === undefined
      ? null
      : { name: device.name, index, loadFactor: device.loadFactor, table };
  };
  const on = (id: string, looks: (canvas: Canvas, device: TimedDevice) => OverlayLooks) => {
    const device = timed(id);
    return device === null ? null : looks(canvas, device);
  };
  switch (overlay.kind) {
    case "plan":
      return null;
    case "latency":
      return on(overlay.device, latencyLooks);
    case "provenance":
      return on(overlay.device, provenanceLooks);
    case "uncertainty":
      return on(overlay.device, uncertaintyLooks);
    case "ratio": {
      const [one, other] = [timed(overlay.devices[0]), timed(overlay.devices[1])];
      return one === null || other === null ? null : ratioLooks(canvas, one, other);
    }
  }
}
