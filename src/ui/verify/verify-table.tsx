import type { ReactNode } from "react";

interface VerifyTableProps {
  readonly caption: string;
  readonly children: ReactNode;
}

/** A table that scrolls within its own box where it is wider than the panel. */
export function VerifyTable({ caption, children }: VerifyTableProps) {
  return (
    <div className="verify-scroll">
      <table className="verify-table">
        <caption>{caption}</caption>
        {children}
      </table>
    </div>
  );
}
