import { useSyncExternalStore } from "react";

/** Colours of the current theme as "#rrggbb", for canvases, which do not know custom properties. */
export interface ThemeColors {
  readonly surface: string;
  readonly panel: string;
  readonly text: string;
  readonly textSoft: string;
  readonly edge: string;
  readonly line: string;
  readonly faint: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly devices: readonly string[];
  readonly deviceSoft: readonly string[];
  readonly deviceText: string;
}

/** Any way of writing an opaque colour as "#rrggbb": a build may have shortened what the style sheet says. */
function sixDigits(color: string): string {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) throw new Error("the browser has no 2D canvas");
  context.fillStyle = color;
  return context.fillStyle;
}

function readColors(): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string) => sixDigits(style.getPropertyValue(name).trim());
  const eight = (suffix: string) => Array.from({ length: 8 }, (_, i) => value(`--device-${i}${suffix}`));
  return {
    surface: value("--surface"),
    panel: value("--panel"),
    text: value("--text"),
    textSoft: value("--text-soft"),
    edge: value("--edge"),
    line: value("--line"),
    faint: value("--text-faint"),
    accent: value("--accent"),
    accentSoft: value("--accent-soft"),
    devices: eight(""),
    deviceSoft: eight("-soft"),
    deviceText: value("--device-text"),
  };
}

let colors: ThemeColors | null = null;

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(() => {
    colors = null;
    changed();
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

export function useThemeColors(): ThemeColors {
  return useSyncExternalStore(subscribe, () => {
    colors ??= readColors();
    return colors;
  });
}
