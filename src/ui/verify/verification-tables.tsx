import { formatMemory, formatSeconds } from "../../core/units.ts";
import { encodingText, shareText } from "../../core/verification/outcome.ts";
import type { OutputDifference, Verification } from "../../core/verification/verification.ts";
import { differenceText } from "./verification-text.ts";
import { VerifyTable } from "./verify-table.tsx";

/** Each output's largest difference, and each stage's time. */
export function VerificationTables({ verification }: { readonly verification: Verification }) {
  const { outputs, encoded, stages, whole } = verification;
  return (
    <>
      <Differences caption="Outputs, all sent as the model has it" outputs={outputs} />
      {encoded === null ? null : (
        <Differences caption={`Outputs, ${encodingText(encoded)}`} outputs={encoded.outputs} />
      )}
      <VerifyTable caption="First run of each segment">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Size</th>
            <th scope="col">Load</th>
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {stages.map(({ stage, bytes, loadSeconds, runSeconds }) => (
            <tr key={stage}>
              <th scope="row">{stage + 1}</th>
              <td>{formatMemory(bytes)}</td>
              <td>{formatSeconds(loadSeconds)}</td>
              <td>{formatSeconds(runSeconds)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Whole</th>
            <td />
            <td>{formatSeconds(whole.loadSeconds)}</td>
            <td>{formatSeconds(whole.runSeconds)}</td>
          </tr>
        </tbody>
      </VerifyTable>
    </>
  );
}

function Differences({
  caption,
  outputs,
}: {
  readonly caption: string;
  readonly outputs: readonly OutputDifference[];
}) {
  return (
    <VerifyTable caption={caption}>
      <thead>
        <tr>
          <th scope="col">Output</th>
          <th scope="col" title="The largest of all elements">
            Difference
          </th>
          <th scope="col" title="To the largest value of the whole model's output">
            Relative
          </th>
        </tr>
      </thead>
      <tbody>
        {outputs.map(({ name, elementType, dims, bitEqual, maxAbsolute, maxRelative }) => (
          <tr key={name}>
            <th scope="row" className="verify-name" title={`${name}: ${elementType} [${dims.join(", ")}]`}>
              {name}
            </th>
            <td>{bitEqual ? "none" : differenceText(maxAbsolute)}</td>
            <td>{bitEqual || !Number.isFinite(maxRelative) ? "" : shareText(maxRelative)}</td>
          </tr>
        ))}
      </tbody>
    </VerifyTable>
  );
}
