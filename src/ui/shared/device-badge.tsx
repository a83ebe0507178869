import { deviceColor, deviceLetter } from "./device-color.ts";

/** The coloured letter that stands for a device everywhere. */
export function DeviceBadge({ index }: { readonly index: number }) {
  return (
    <span className="device-badge" style={{ background: deviceColor(index) }} aria-hidden="true">
      {deviceLetter(index)}
    </span>
  );
}
