import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Menu } from "./menu.tsx";

afterEach(cleanup);

function openedMenu() {
  const choose = vi.fn();
  render(
    <Menu
      label="Export"
      className="button"
      items={[
        { key: "plan", text: "Plan", onChoose: () => choose("plan") },
        { key: "none", text: "Nothing", disabled: true, onChoose: () => choose("none") },
        { key: "table", text: "Table", onChoose: () => choose("table") },
      ]}
    >
      Export
    </Menu>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Export" }));
  return choose;
}

test("arrows walk over the commands that can be chosen, round and round", () => {
  openedMenu();
  const focused = () => document.activeElement?.textContent;
  expect(focused()).toBe("Plan");
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
  expect(focused()).toBe("Table");
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
  expect(focused()).toBe("Plan");
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowUp" });
  expect(focused()).toBe("Table");
});

test("Escape closes without choosing and gives the focus back", () => {
  const choose = openedMenu();
  fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Export" }));
  expect(choose).not.toHaveBeenCalled();
});

test("a choice closes the menu and runs once", () => {
  const choose = openedMenu();
  fireEvent.click(screen.getByRole("menuitem", { name: "Table" }));
  expect(screen.queryByRole("menu")).toBeNull();
  expect(choose.mock.calls).toEqual([["table"]]);
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Export" }));
});
