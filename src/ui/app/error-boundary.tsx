import { Component, type ReactNode } from "react";

interface Props {
  readonly children: ReactNode;
}

/** A bug of ours must not leave a white page: says so, and offers the one thing that helps. */
export class ErrorBoundary extends Component<Props, { readonly message: string | null }> {
  override state = { message: null };

  static getDerivedStateFromError(reason: unknown): { readonly message: string } {
    return { message: reason instanceof Error ? reason.message : String(reason) };
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children;
    return (
      <div className="empty" role="alert">
        <h1>Splitscope met a fault of its own</h1>
        <p>{this.state.message}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          Start again
        </button>
      </div>
    );
  }
}
