import { formatMemory, formatSeconds } from "../../core/units.ts";
import type { OutputDifference, Verification } from "../../core/verification/verification.ts";
import { differenceText } from "./verification-text.ts";

/** Each output's largest difference, and each stage's time. */
export function VerificationTables({ verification }: { readonly verification: Verification }) {
  const { outputs, encoded, stages, whole } = verification;
  return (
    <>
      <Differences caption="Outputs, sent as stored" outputs={outputs} />
      {encoded === null ? null : (
        <Differences caption={`Outputs, input as ${encoded.input}, cuts as ${encoded.cut}`} outputs={encoded.outputs} />
      )}
      <table className="verify-table">
        <caption>First run of each segment</caption>
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
      </table>
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
    <table className="verify-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Output</th>
          <th scope="col">Largest difference</th>
          <th scope="col">Relative</th>
        </tr>
      </thead>
      <tbody>
        {outputs.map(({ name, elementType, dims, bitEqual, maxAbsolute, maxRelative }) => (
          <tr key={name}>
            <th scope="row" title={`${elementType} [${dims.join(", ")}]`}>
              {name}
            </th>
            <td>{bitEqual ? "none" : differenceText(maxAbsolute)}</td>
            <td>{bitEqual ? "" : differenceText(maxRelative)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
