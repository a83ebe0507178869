import { useEffect, useState } from "react";
import { Button } from "../shared/controls.tsx";

type Theme = "light" | "dark";
const KEY = "splitscope-theme";

function initialTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  if (stored === "light" || stored === "dark") return stored;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Light or dark: the system's choice until the user makes one. */
export function ThemeButton() {
  const [theme, setTheme] = useState(initialTheme);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  const other = theme === "light" ? "dark" : "light";
  return (
    <Button
      kind="quiet"
      label={`Use the ${other} theme`}
      title={`Use the ${other} theme`}
      onClick={() => {
        localStorage.setItem(KEY, other);
        setTheme(other);
      }}
    >
      {theme === "light" ? "☾" : "☀"}
    </Button>
  );
}
