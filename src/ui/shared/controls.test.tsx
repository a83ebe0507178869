import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Slider } from "./controls.tsx";
import { NumberField } from "./number-fields.tsx";

afterEach(cleanup);

test("a number is taken over on Enter, an impossible one is marked and never taken", () => {
  const change = vi.fn();
  render(<NumberField label="Memory" unit="MiB" value={64} min={1} max={1000} onChange={change} />);
  const field = screen.getByLabelText("Memory");
  for (const text of ["", "0", "1001", "12 MB", "NaN"]) {
    fireEvent.change(field, { target: { value: text } });
    expect(field.getAttribute("aria-invalid")).toBe("true");
    fireEvent.keyDown(field, { key: "Enter" });
  }
  expect(change).not.toHaveBeenCalled();
  fireEvent.change(field, { target: { value: "128" } });
  fireEvent.keyDown(field, { key: "Enter" });
  expect(change.mock.calls).toEqual([[128]]);
});

test("a logarithmic slider gives values, not positions, and says its value", () => {
  const change = vi.fn();
  render(<Slider label="Bandwidth" text="10 Mbit/s" value={10} min={1} max={1000} logarithmic onChange={change} />);
  const slider = screen.getByLabelText("Bandwidth");
  expect(slider.getAttribute("aria-valuetext")).toBe("10 Mbit/s");
  expect(Number(slider.getAttribute("value"))).toBeCloseTo(1, 12);
  fireEvent.change(slider, { target: { value: "2" } });
  expect(change).toHaveBeenCalledExactlyOnceWith(expect.closeTo(100, 6));
});
