import { LINK_PRESETS, linkFromPreset } from "../../core/rig/presets.ts";
import type { Link } from "../../core/rig/rig.ts";
import { formatBandwidth, formatTraffic, megabitsPerSecond, milliseconds } from "../../core/units.ts";
import { Select, Slider } from "../shared/controls.tsx";
import { NumberField } from "../shared/number-fields.tsx";
import { useAppStore } from "../shared/use-app.ts";
import { useLivePlan } from "../shared/use-plan.ts";

const CUSTOM = "custom";

interface LinkCardProps {
  readonly link: Link;
  /** Whether it leads from its first end to its second only, as links of a problem file do. */
  readonly oneWay: boolean;
}

/** A link: its kind, rate and latency, and the bytes that the plan sends over it. */
export function LinkCard({ link, oneWay }: LinkCardProps) {
  const store = useAppStore();
  const { updateLink } = store.getState();
  const options = [
    ...LINK_PRESETS.map((preset) => ({ value: preset.id, text: preset.name })),
    ...(link.preset === null ? [{ value: CUSTOM, text: link.name }] : []),
  ];
  return (
    <section className="link-card" aria-label={`Link ${link.name}`} title={`Source: ${link.source}`}>
      <div className="link-head">
        {oneWay ? (
          <span className="link-name">{link.name}</span>
        ) : (
          <Select
            label="Kind of link"
            hideLabel
            value={link.preset ?? CUSTOM}
            options={options}
            onChange={(preset) => {
              if (preset === CUSTOM) return;
              const { id: _id, a: _a, b: _b, ...change } = linkFromPreset(preset, link.a, link.b);
              updateLink(link.id, change);
            }}
          />
        )}
        <LinkBytes link={link} />
      </div>
      <Slider
        label="Bandwidth"
        text={
          oneWay || link.aToB === link.bToA
            ? formatBandwidth(link.aToB)
            : `${formatBandwidth(link.aToB)} ↓ ${formatBandwidth(link.bToA)} ↑`
        }
        value={link.aToB}
        min={megabitsPerSecond(0.1)}
        max={megabitsPerSecond(10_000)}
        logarithmic
        onChange={(value) => {
          const ratio = link.bToA / link.aToB;
          updateLink(link.id, {
            aToB: megabitsPerSecond(value / megabitsPerSecond(1)),
            bToA: megabitsPerSecond((value * ratio) / megabitsPerSecond(1)),
          });
        }}
      />
      <NumberField
        label="One-way latency"
        unit="ms"
        value={Number((link.latency * 1e3).toPrecision(3))}
        min={0}
        max={10_000}
        onChange={(value) => updateLink(link.id, { latency: milliseconds(value) })}
      />
    </section>
  );
}

/** What the plan sends over the link per inference at this moment, both ways together. */
function LinkBytes({ link }: { readonly link: Link }) {
  const view = useLivePlan();
  const number = view?.setting.rig.links.findIndex((candidate) => candidate.id === link.id);
  const carried = view?.prediction.links.filter((entry) => entry.link === number) ?? [];
  const bytes = carried.reduce((sum, entry) => sum + entry.bytes, 0);
  return (
    <span className="link-bytes" data-idle={bytes === 0}>
      {bytes > 0 ? formatTraffic(bytes) : "idle"}
    </span>
  );
}
