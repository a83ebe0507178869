import { useEffect, useState } from "react";

/** Milliseconds that a value has to stay: longer than between two steps of a slider. */
const REST = 150;

/** The value as it was when it last stayed for a moment: for what is too heavy to follow a drag. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (Object.is(value, settled)) return;
    const timer = setTimeout(() => setSettled(value), REST);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}
