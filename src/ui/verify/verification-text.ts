import { chanceText, encodingCost, isFailure, shareText } from "../../core/verification/outcome.ts";
import { largestDifference, type Verification } from "../../core/verification/verification.ts";

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

/** What a verification comes to, as the badge and the panel show it. */
export interface VerdictText {
  /** "warn" where the segments are right but what they send is rounded, and where chance hides whether they are. */
  readonly tone: "good" | "warn" | "bad";
  readonly mark: string;
  /** For the badge: what stands there in any case, and what stands before and after it where there is room. */
  readonly badge: readonly [before: string, text: string, after: string];
  readonly sentence: string;
}

const CUT_TEXTS = { "bit-equal": "bit-equal", close: "equal but for rounding" } as const;

/** The same, as short as a badge needs it beside what an encoding costs. */
const CUT_MARKS = { "bit-equal": "bit-equal", close: "rounded" } as const;

/** A share in few characters; infinite where all of the whole model's output is zero. */
function badgeShare(share: number): string {
  if (share > 10) return "> 1000 %";
  return share > 0 && share < 1e-4 ? "< 0.01 %" : shareText(share);
}

/** "segments equal the whole: bit-equal, 3 stages, seed 1, onnxruntime-web 1.30.0 WASM", and what an encoding costs. */
export function verdictText(verification: Verification): VerdictText {
  const { verdict, encoded, stages, runtime } = verification;
  const run = `${count(stages.length, "stage")}, ${inputsText(verification)}, ${runtime}`;
  if (verdict === "different") {
    const chance = chanceText(verification);
    return chance === null
      ? {
          tone: "bad",
          mark: "✗",
          badge: ["segments ", "differ", ""],
          sentence: `segments differ from the whole: NOT equal, ${run}`,
        }
      : { tone: "warn", mark: "?", badge: ["segments draw ", "random", " numbers"], sentence: `${chance}: ${run}` };
  }
  const cut = CUT_TEXTS[verdict];
  if (encoded === null) {
    return {
      tone: "good",
      mark: "✓",
      badge: ["segments ", cut, ""],
      sentence: `segments equal the whole: ${cut}, ${run}`,
    };
  }
  const sentence = `segments equal the whole where all is sent as the model has it: ${cut}, ${run}; ${encodingCost(encoded)}`;
  if (isFailure(verification))
    return { tone: "bad", mark: "✗", badge: [`${CUT_MARKS[verdict]}, `, "lost", " when sent"], sentence };
  const cost = badgeShare(largestDifference(encoded.outputs));
  return { tone: "warn", mark: "✓", badge: [`${CUT_MARKS[verdict]}, `, `${cost} off`, ""], sentence };
}
