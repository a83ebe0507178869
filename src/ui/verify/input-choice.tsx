import { useEffect, useId, useRef, useState } from "react";
import type { ModelSource } from "../../state/state.ts";
import { Button } from "../shared/controls.tsx";
import { useApp } from "../shared/use-app.ts";

const LARGEST_SEED = 10_000;

/** What segments are to be run on: files, and a seed for the inputs that no file gives. */
interface Choice {
  /** The model that it was chosen for; for another one it is forgotten. */
  readonly source: ModelSource | null;
  /** As it was typed. */
  readonly seedText: string;
  readonly files: readonly File[];
}

const initial = (source: ModelSource | null): Choice => ({ source, seedText: "1", files: [] });

/** The choice of inputs for the model that is open. `seed` is null where what was typed is none. */
export function useInputChoice() {
  const source = useApp((state) => state.source);
  const [kept, setKept] = useState(() => initial(source));
  const choice = kept.source === source ? kept : initial(source);
  const { seedText, files } = choice;
  const number = Number(seedText);
  const isSeed = /^\d+$/.test(seedText.trim()) && number >= 1 && number <= LARGEST_SEED;
  return {
    seedText,
    seed: isSeed ? number : null,
    files,
    setSeedText: (text: string) => setKept({ ...choice, seedText: text }),
    setFiles: (chosen: readonly File[]) => setKept({ ...choice, files: chosen }),
  };
}

/** Fields for the seed and the files; a seed that is none is told. */
export function InputChoice({ choice }: { readonly choice: ReturnType<typeof useInputChoice> }) {
  const { seedText, seed, files, setSeedText, setFiles } = choice;
  const seedId = useId();
  const faultId = useId();
  return (
    <>
      <details className="verify-inputs">
        <summary>
          Inputs: {files.length === 0 ? `made up from seed ${seedText}` : files.map(({ name }) => name).join(", ")}
        </summary>
        <div className="verify-field">
          <label htmlFor={seedId} className="field-label">
            Seed
          </label>
          <span className="field-input">
            <input
              id={seedId}
              type="text"
              inputMode="numeric"
              value={seedText}
              aria-invalid={seed === null}
              aria-describedby={seed === null ? faultId : undefined}
              onChange={(event) => setSeedText(event.target.value)}
            />
          </span>
        </div>
        <InputFiles files={files} onChoose={setFiles} />
      </details>
      {seed === null ? (
        <p className="verify-fault" id={faultId} role="alert">
          The seed is "{seedText}"; expected a whole number from 1 to {LARGEST_SEED.toLocaleString("en")}.
        </p>
      ) : null}
    </>
  );
}

interface InputFilesProps {
  readonly files: readonly File[];
  readonly onChoose: (files: readonly File[]) => void;
}

function InputFiles({ files, onChoose }: InputFilesProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const isNone = files.length === 0;
  // The browser's own field goes on naming files that are forgotten.
  useEffect(() => {
    if (isNone && input.current !== null) input.current.value = "";
  }, [isNone]);
  return (
    <div className="verify-field">
      <label htmlFor={id} className="field-label">
        Files (.npy, .pb), named after the inputs
      </label>
      <input
        ref={input}
        id={id}
        type="file"
        multiple
        accept=".npy,.pb"
        onChange={(event) => onChoose([...(event.target.files ?? [])])}
      />
      {isNone ? null : (
        <Button kind="quiet" title="Forget the files; make up every input from the seed" onClick={() => onChoose([])}>
          Made-up inputs
        </Button>
      )}
    </div>
  );
}
