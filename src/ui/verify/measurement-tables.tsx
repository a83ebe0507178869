import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { type Measurement, meanStageError, relativeError } from "../../core/verification/measurement.ts";
import { percentText } from "./verification-text.ts";
import { VerifyTable } from "./verify-table.tsx";

/** Predicted against measured: time of each stage in this browser, bytes of each boundary. */
export function MeasurementTables({ measurement }: { readonly measurement: Measurement }) {
  const { runtime, device, stages, transfers } = measurement;
  return (
    <>
      <p className="verify-verdict" data-testid="mean-error">
        Stages off by {percentText(meanStageError(measurement))} on average: {device}, {runtime}
      </p>
      <VerifyTable caption={`Time of each stage on ${device.toLowerCase()}`}>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Predicted</th>
            <th scope="col">Measured</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
          {stages.map(({ stage, predictedSeconds, measuredSeconds, runs, spread }) => (
            <tr key={stage}>
              <th scope="row">{stage + 1}</th>
              <td>{formatSeconds(predictedSeconds)}</td>
              <td title={`median of ${runs} runs${spread === null ? "" : `, known within ${percentText(spread)}`}`}>
                {formatSeconds(measuredSeconds)}
              </td>
              <td>{percentText(relativeError(predictedSeconds, measuredSeconds))}</td>
            </tr>
          ))}
        </tbody>
      </VerifyTable>
      {transfers.length === 0 ? null : (
        <VerifyTable caption="Bytes from stage to stage">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Predicted</th>
              <th scope="col">Measured</th>
            </tr>
          </thead>
          <tbody>
            {transfers.map(({ from, to, predictedBytes, measuredBytes }) => (
              <tr key={from}>
                <th scope="row">
                  {from + 1} to {to + 1}
                </th>
                <td>{formatTraffic(predictedBytes)}</td>
                <td>{formatTraffic(measuredBytes)}</td>
              </tr>
            ))}
          </tbody>
        </VerifyTable>
      )}
    </>
  );
}
