import type { ReactNode } from "react";
import { useApp, useAppStore } from "./use-app.ts";
import "./notices.css";

/** Sentences that need to be read: errors interrupt a screen reader, the rest waits. What stands longer comes first. */
export function Notices({ children }: { readonly children?: ReactNode }) {
  const store = useAppStore();
  const notices = useApp((state) => state.notices);
  return (
    <div className="notices" aria-live="assertive">
      {children}
      {notices.map((notice) => (
        <div
          key={notice.id}
          className="notice"
          data-tone={notice.tone}
          role={notice.tone === "error" ? "alert" : "status"}
        >
          <p>{notice.text}</p>
          <button
            type="button"
            className="notice-close"
            aria-label="Dismiss"
            onClick={() => store.getState().dismiss(notice.id)}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
