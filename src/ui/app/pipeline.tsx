import { Fragment } from "react";
import type { TransferPrediction } from "../../core/predict/prediction.ts";
import { formatSeconds, formatTraffic } from "../../core/units.ts";
import { DeviceBadge } from "../shared/device-badge.tsx";
import { deviceLetter } from "../shared/device-color.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";
import { StageButtons } from "./stage-buttons.tsx";
import "./pipeline.css";

/** The plan in one line: each stage with its time, each transfer with its bytes, the limit of the rate marked. */
export function Pipeline({ view }: { readonly view: PlanView }) {
  const store = useAppStore();
  const { prediction, setting } = view;
  const { devices } = setting.rig;
  const limit = prediction.bottleneck;
  return (
    <ol className="pipeline" aria-label="Stages and transfers of the plan" data-many={prediction.stages.length > 2}>
      {prediction.stages.map((stage) => {
        const device = devices[stage.device];
        const leaving = prediction.transfers.filter((transfer) => transfer.fromStage === stage.stage);
        return (
          <Fragment key={stage.stage}>
            <li className="pipeline-item">
              <button
                type="button"
                className="pipeline-stage"
                data-limit={limit.kind === "device" && limit.device === stage.device}
                onClick={() => store.getState().select({ kind: "stage", stage: stage.stage })}
              >
                <DeviceBadge index={stage.device} />
                <span className="pipeline-name">{device?.name}</span>
                <span className="pipeline-figure">
                  {stage.opCount === 0 ? "input only" : formatSeconds(stage.computeSeconds)}
                </span>
                <span className="pipeline-detail">
                  {stage.opCount === 0 ? "no ops" : `${stage.opCount} ops`}
                  {limit.kind === "device" && limit.device === stage.device ? " · limits the rate" : ""}
                </span>
              </button>
              <StageButtons view={view} stage={stage.stage} />
            </li>
            {leaving.map((transfer) => (
              <Transfer key={transfer.toStage} transfer={transfer} limits={limitsRate(transfer, view)} />
            ))}
          </Fragment>
        );
      })}
      {prediction.transfers.some((transfer) => transfer.kind === "return") ? (
        <li className="pipeline-sink">
          <DeviceBadge index={view.problem.sink} />
          output
        </li>
      ) : null}
    </ol>
  );
}

function Transfer({ transfer, limits }: { readonly transfer: TransferPrediction; readonly limits: boolean }) {
  const store = useAppStore();
  const time = formatSeconds(transfer.seconds);
  const kinds = { input: "input", cut: `${transfer.tensors.length} tensors`, return: "output" };
  const what = transfer.kind === "cut" && transfer.tensors.length === 1 ? "1 tensor" : kinds[transfer.kind];
  // Where tensors go straight to their readers, not all of them go to the next stage.
  const to = transfer.kind === "cut" && transfer.toStage > transfer.fromStage + 1 ? transfer.toDevice : null;
  return (
    <li>
      <button
        type="button"
        className="pipeline-transfer"
        data-limit={limits}
        title="Which tensors cross, with their sizes and encoding"
        onClick={() => {
          if (transfer.kind !== "return") store.getState().select({ kind: "boundary", boundary: transfer.fromStage });
        }}
      >
        <span className="pipeline-figure">
          {formatTraffic(transfer.bytes)}
          <span className="pipeline-beside"> · {time}</span>
        </span>
        <span className="pipeline-arrow" aria-hidden="true" />
        <span className="pipeline-detail">
          <span className="pipeline-below">{time}</span>
          <span className="pipeline-beside">{what}</span>
          {to === null ? "" : ` to ${deviceLetter(to)}`}
          {limits ? " · limits the rate" : ""}
        </span>
      </button>
    </li>
  );
}

/** Whether the transfer passes the link that limits the pipeline's rate. */
function limitsRate(transfer: TransferPrediction, view: PlanView): boolean {
  const { bottleneck } = view.prediction;
  if (bottleneck.kind !== "link") return false;
  const route = view.problem.routes[transfer.fromDevice]?.[transfer.toDevice];
  return route?.hops.some((hop) => hop.link === bottleneck.link) ?? false;
}
