import { useEffect, useLayoutEffect, useState } from "react";
import { Button } from "../shared/controls.tsx";
import "./help.css";

interface Stop {
  /** What the words are about, on the screen as it stands. */
  readonly selector: string;
  readonly title: string;
  readonly text: string;
}

const STOPS: readonly Stop[] = [
  {
    selector: "[data-testid='figures']",
    title: "What the plan costs",
    text: "The large figure is what you optimise. Beside it: how it compares with the best device alone, and whether it is proven.",
  },
  {
    selector: ".strip",
    title: "Where the network is cut",
    text: "Drag the handle, or focus it and use the arrow keys. The area shows how many bytes a cut there would send; dots are one-tensor cuts.",
  },
  {
    selector: ".rig",
    title: "Your devices and links",
    text: "Move bandwidth and load and see whether the split still wins. Drop a profile of your own runtime on a device.",
  },
  {
    selector: ".drawer",
    title: "Compare and understand",
    text: "Pin plans, see them side by side with running everything on one device, as a timeline, or against bandwidth.",
  },
];

const SEEN = "splitscope-tour-seen";
const WIDTH = 320;
const GAP = 12;

/** Whether this browser has not been shown around yet. */
export function isFirstVisit(): boolean {
  return localStorage.getItem(SEEN) === null;
}

function remember(): void {
  localStorage.setItem(SEEN, "yes");
}

interface TourOfferProps {
  readonly onStart: () => void;
  readonly onScenarios: () => void;
  readonly onSkip: () => void;
}

/** Offered once, on the first visit, without standing in the way. */
export function TourOffer({ onStart, onScenarios, onSkip }: TourOfferProps) {
  return (
    <section className="tour tour-offer" aria-label="Tour">
      <h2>New here?</h2>
      <p>
        Four stops show what is on the screen; six scenarios show when a split pays. You find both again, under Help and
        in the menu of the model.
      </p>
      <div className="dialog-buttons">
        <Button
          kind="quiet"
          onClick={() => {
            remember();
            onSkip();
          }}
        >
          Skip
        </Button>
        <Button
          onClick={() => {
            remember();
            onScenarios();
          }}
        >
          Scenarios
        </Button>
        <Button kind="primary" onClick={onStart}>
          Show me around
        </Button>
      </div>
    </section>
  );
}

/** A first minute: four stops that point at the regions of the screen. Escape or "Skip" ends it for good. */
export function Tour({ onEnd }: { readonly onEnd: () => void }) {
  const [index, setIndex] = useState(0);
  const [box, setBox] = useState<DOMRect | null>(null);
  const stop = STOPS[index];
  useEffect(remember, []);
  useLayoutEffect(() => {
    const measure = () =>
      setBox(stop === undefined ? null : (document.querySelector(stop.selector)?.getBoundingClientRect() ?? null));
    measure();
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, [stop]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") onEnd();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onEnd]);
  if (stop === undefined || box === null) return null;
  const isLast = index === STOPS.length - 1;
  return (
    <>
      <div
        className="tour-frame"
        style={{ left: box.left, top: box.top, width: box.width, height: box.height }}
        aria-hidden="true"
      />
      <section className="tour" style={placeBeside(box)} aria-label="Tour">
        <p className="tour-count">
          {index + 1} of {STOPS.length}
        </p>
        <h2>{stop.title}</h2>
        <p aria-live="polite">{stop.text}</p>
        <div className="dialog-buttons">
          <Button kind="quiet" onClick={onEnd}>
            Skip
          </Button>
          <Button kind="primary" onClick={() => (isLast ? onEnd() : setIndex(index + 1))}>
            {isLast ? "Done" : "Next"}
          </Button>
        </div>
      </section>
    </>
  );
}

/** Right of a tall region, else below a region in the upper half and above one in the lower half. */
function placeBeside(box: DOMRect): { left: number; top?: number; bottom?: number } {
  const room = window.innerWidth - WIDTH - GAP;
  if (box.height > window.innerHeight / 2 && box.right < room) return { left: box.right + GAP, top: box.top + GAP };
  const left = Math.max(GAP, Math.min(room, box.left + GAP));
  return box.top < window.innerHeight / 2
    ? { left, top: box.bottom + GAP }
    : { left, bottom: window.innerHeight - box.top + GAP };
}
