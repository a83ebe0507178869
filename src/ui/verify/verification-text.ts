import type { Verification } from "../../core/verification/verification.ts";

/** "1.2e-7", "0.013". */
export const differenceText = (value: number): string =>
  value === 0 ? "0" : Number.isFinite(value) ? value.toPrecision(2) : "not comparable";

export const percentText = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** What the inputs were: "seed 1", "inputs given". */
function inputsText({ seed, given }: Verification): string {
  if (seed === null) return "inputs given";
  return given.length === 0 ? `seed ${seed}` : `seed ${seed} and ${count(given.length, "file")}`;
}

const OUTCOMES: Readonly<Record<Verification["verdict"], string>> = {
  "bit-equal": "bit-equal",
  close: "equal but for rounding",
  different: "NOT equal",
};

/** "segments equal the whole: bit-equal, 3 stages, seed 1, onnxruntime-web 1.30.0 WASM". */
export function verdictSentence(verification: Verification): string {
  const { verdict, stages, runtime } = verification;
  const whole = verdict === "different" ? "segments differ from the whole" : "segments equal the whole";
  return `${whole}: ${OUTCOMES[verdict]}, ${count(stages.length, "stage")}, ${inputsText(verification)}, ${runtime}`;
}

/** For the badge, which is about segments: it says so where there is room. */
export const verdictBadge: Readonly<Record<Verification["verdict"], { readonly mark: string; readonly text: string }>> =
  {
    "bit-equal": { mark: "✓", text: "bit-equal" },
    close: { mark: "✓", text: "equal but for rounding" },
    different: { mark: "✗", text: "differ" },
  };
