import { at, item } from "../columns.ts";
import { totalsText } from "../graph/totals-text.ts";
import { FIGURES, type Figure, objectiveText } from "../plan/objective.ts";
import { noSplitPlan } from "../plan/plan-edit.ts";
import { differenceParts } from "../predict/difference-parts.ts";
import { predict } from "../predict/predict.ts";
import { figure, figureOf, isAdmissible, type Prediction } from "../predict/prediction.ts";
import { PROVENANCES } from "../profile/profile.ts";
import { formatEnergy, formatMemory, formatRate, formatSeconds, formatTraffic } from "../units.ts";
import { chanceText, encodingCost } from "../verification/outcome.ts";
import type { ExportSubject } from "./export-subject.ts";
import { NO_LIMITS, type TextExporter } from "./exporter.ts";
import { escapeHtml, htmlTable } from "./html.ts";
import { timelineSvg } from "./timeline-svg.ts";

const NAMES: Readonly<Record<Figure, string>> = {
  latency: "Latency",
  period: "Per frame, streamed",
  energy: "Energy",
  traffic: "Traffic",
};
const FORMATS: Readonly<Record<Figure, (value: number) => string>> = {
  latency: formatSeconds,
  period: formatSeconds,
  energy: formatEnergy,
  traffic: formatTraffic,
};
const STYLE = `
  body { max-width: 820px; margin: 24px auto; padding: 0 20px; color: #1a2130; font: 13px/1.45 system-ui, sans-serif; }
  h1 { margin: 0 0 2px; font-size: 22px; }
  h2 { margin: 22px 0 6px; font-size: 15px; }
  p { margin: 4px 0; }
  .soft { color: #556070; }
  .figures { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 14px 0; }
  .figures b { display: block; font-size: 24px; }
  table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: 4px 8px; border-bottom: 1px solid #dfe2ea; text-align: right; }
  th:first-child { text-align: left; font-weight: 500; overflow-wrap: anywhere; }
  thead th { color: #556070; font-size: 11px; font-weight: 500; }
  svg { max-width: 100%; }
  @media print { body { margin: 0; max-width: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

/** A plan on one printable page: figures, why, certificate, and where every figure comes from. O(ops x devices). */
export function writePlanPage(subject: ExportSubject): string {
  const { model, sha256, rig, problem, plan, prediction, objective } = subject;
  const wholes = rig.devices.map((device, index) => ({
    name: `All on ${device.name}`,
    plan: noSplitPlan(problem, index),
  }));
  const rows = [
    { name: "This plan", plan, prediction },
    ...wholes.map((whole) => ({ ...whole, prediction: predict(problem, whole.plan) })),
  ];
  const [best = null] = rows
    .slice(1)
    .filter((row) => isAdmissible(row.prediction))
    .sort((a, b) => figureOf(a.prediction, objective) - figureOf(b.prediction, objective));
  const name = model.fileName.replace(/\.onnx$/i, "");
  const parts = [
    `<h1>${escapeHtml(name)}</h1>`,
    `<p class="soft">${escapeHtml(modelLine(subject))}</p>`,
    sha256 === null ? "" : `<p class="soft">SHA-256 ${escapeHtml(sha256)}</p>`,
    figuresLine(prediction),
    `<p>${escapeHtml(verdict(subject, best))}</p>`,
    `<p>${escapeHtml(proofLine(subject))}</p>`,
    ...verificationLines(subject),
    `<h2>One inference</h2>`,
    timelineSvg(subject),
    `<h2>Stages</h2>`,
    stagesTable(subject),
    `<h2>What crosses</h2>`,
    transfersTable(subject),
    `<h2>Compared with no split</h2>`,
    htmlTable(
      ["Plan", ...FIGURES.map((figureName) => NAMES[figureName]), "Largest memory"],
      rows.map((row) => [
        isAdmissible(row.prediction) ? row.name : `${row.name} (not allowed)`,
        ...figureCells(row.prediction),
      ]),
    ),
    ...(best === null ? [] : whyParts(subject, best)),
    `<h2>Where the figures come from</h2>`,
    provenanceTable(subject),
    `<p class="soft">Links: ${escapeHtml(rig.links.map((link) => `${link.name} (${link.source})`).join("; ") || "none")}.</p>`,
    `<p class="soft">Predicted by Splitscope. Figures are estimates unless measured; see the table above.</p>`,
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(`Plan for ${name}`)}</title>
<style>${STYLE}</style>
</head>
<body>
${parts.filter((part) => part !== "").join("\n")}
</body>
</html>
`;
}

function modelLine({ model, rig }: ExportSubject): string {
  const { bindings } = model;
  const sizes = [...bindings].map(([dimension, size]) => `${dimension} = ${size}`).join(", ");
  const work = totalsText(model).join(", ");
  const devices = rig.devices.map((device) => `${device.name} (${device.runtime})`).join(", ");
  return `${work}${sizes === "" ? "" : `, ${sizes}`}; on ${devices}`;
}

function figuresLine(prediction: Prediction): string {
  const entries = FIGURES.map((name) => {
    const value = figure(prediction, name);
    const rate = name === "period" && value > 0 ? `, ${formatRate(value)}` : "";
    return `<div><b>${escapeHtml(FORMATS[name](value))}</b>${escapeHtml(NAMES[name].toLowerCase() + rate)}</div>`;
  });
  return `<div class="figures">${entries.join("")}</div>`;
}

function verdict(
  { prediction, objective }: ExportSubject,
  best: { readonly name: string; readonly prediction: Prediction } | null,
): string {
  const here = figureOf(prediction, objective);
  const subject = objectiveText(objective);
  if (!Number.isFinite(here)) return "The plan cannot run on these devices.";
  if (best === null) return `Optimised for ${subject}. No device can run the model alone within the constraints.`;
  const there = figureOf(best.prediction, objective);
  if (here < there * (1 - 1e-9)) {
    return `Optimised for ${subject}: ${(there / here).toFixed(2)} times as good as the best no split (${best.name}).`;
  }
  if (here > there * (1 + 1e-9)) {
    return `Optimised for ${subject}: the best no split (${best.name}) is ${(here / there).toFixed(2)} times as good.`;
  }
  return `Optimised for ${subject}: as good as the best no split (${best.name}).`;
}

function proofLine({ proof }: ExportSubject): string {
  if (proof === null) return "Made by hand; nothing is proven about it.";
  const { status, scope, bound } = proof.certificate;
  const gap = proof.value > 0 ? ` within ${(100 * (1 - bound / proof.value)).toFixed(1)} % of the best` : "";
  const claim = { optimal: "Proven optimal", gap: `Proven${gap}`, "best-found": "The best found, not proven" }[status];
  return `${claim}, ${scope}. Method: ${proof.method}.`;
}

function verificationLines({ verification }: ExportSubject): readonly string[] {
  const found = verification?.verification ?? null;
  if (found === null) return [];
  const text = {
    "bit-equal": "The segments were run and give the same bits as the whole model.",
    close: "The segments were run and agree with the whole model up to rounding.",
    different: "The segments were run and differ from the whole model.",
  }[found.verdict];
  const { stages, runtime, level, seed, given, encoded } = found;
  const more = [chanceText(found), encoded === null ? null : encodingCost(encoded)].flatMap((part) =>
    part === null ? [] : [`${part.charAt(0).toUpperCase()}${part.slice(1)}.`],
  );
  const inputs = [
    ...(seed === null ? [] : [`made up from seed ${seed}`]),
    ...(given.length === 0 ? [] : [`from ${given.map(({ file }) => file).join(", ")}`]),
  ].join(" and ");
  const how = `${stages.length} ${stages.length === 1 ? "stage" : "stages"}, ${runtime}, optimisation level ${level}; inputs ${inputs || "none"}.`;
  return [`<p>${escapeHtml([text, ...more, how].join(" "))}</p>`];
}

function stagesTable({ rig, prediction }: ExportSubject): string {
  const rows = prediction.stages.map(({ stage, device, opCount, computeSeconds, spillSeconds }) => {
    const { activationBytes, weightBytes } = item(prediction.devices, device);
    return [
      `${stage + 1}. ${item(rig.devices, device).name}`,
      String(opCount),
      formatSeconds(computeSeconds),
      spillSeconds > 0 ? formatSeconds(spillSeconds) : "-",
      formatMemory(weightBytes),
      formatMemory(activationBytes),
    ];
  });
  return htmlTable(["Stage", "Ops", "Compute", "of it streaming weights", "Weights", "Activations"], rows);
}

function transfersTable({ model, rig, problem, prediction }: ExportSubject): string {
  if (prediction.transfers.length === 0) return "<p>Nothing: everything runs where the input is.</p>";
  const rows = prediction.transfers.map(({ fromDevice, toDevice, tensors, bytes, seconds, kind }) => {
    const names = tensors.map((tensor) => {
      return `${item(model.graph.tensorNames, tensor)} (${formatTraffic(at(problem.tensorWireBytes, tensor))})`;
    });
    const way = `${item(rig.devices, fromDevice).name} → ${item(rig.devices, toDevice).name}: ${names.join(", ")}`;
    return [kind === "return" ? `${way} (output)` : way, formatTraffic(bytes), formatSeconds(seconds)];
  });
  return htmlTable(["Transfer", "Bytes", "Time"], rows);
}

function figureCells(prediction: Prediction): readonly string[] {
  const memory = Math.max(...prediction.devices.map(({ memoryBytes }) => memoryBytes));
  return [...FIGURES.map((name) => FORMATS[name](figure(prediction, name))), formatMemory(memory)];
}

function whyParts(
  { problem, rig, plan, prediction, objective }: ExportSubject,
  best: { readonly name: string; readonly plan: ExportSubject["plan"]; readonly prediction: Prediction },
): readonly string[] {
  const parts = differenceParts(problem, rig, { from: best, to: { plan, prediction } }, objective);
  if (parts === null || parts.length === 0) return [];
  const isFigure = typeof objective === "string";
  const format = isFigure ? FORMATS[objective] : (value: number) => value.toPrecision(4);
  const rows = [
    [best.name, format(figureOf(best.prediction, objective))],
    ...parts.map((part) => [part.name, part.text]),
    ["This plan", format(figureOf(prediction, objective))],
  ];
  const subject = isFigure ? NAMES[objective].toLowerCase() : `the mix ${objectiveText(objective)}`;
  return [
    `<h2>Why: ${escapeHtml(subject)} against ${escapeHtml(best.name)}</h2>`,
    htmlTable(["Part", "Difference"], rows),
  ];
}

function provenanceTable({ rig, latencies }: ExportSubject): string {
  const rows = rig.devices.map((device, index) => {
    const counts = new Map<string, number>();
    for (const code of item(latencies, index).provenance) {
      const provenance = item(PROVENANCES, code);
      counts.set(provenance, (counts.get(provenance) ?? 0) + 1);
    }
    const ops = [...counts].map(([provenance, count]) => `${count} ${provenance}`).join(", ");
    return [`${device.name}, ${device.runtime}: ${device.source}`, ops, `${device.loadFactor}x`];
  });
  return htmlTable(["Device", "Op times", "Load"], rows);
}

export const planPage: TextExporter = {
  kind: "file",
  id: "report",
  label: "Report (HTML)",
  detail: "One printable page: figures, why, proof, provenance",
  suffix: ".report.html",
  mimeType: "text/html",
  howToRun: () => "Open it in a browser and print it. It holds no script and loads nothing.\n",
  limits: NO_LIMITS,
  write: writePlanPage,
};
