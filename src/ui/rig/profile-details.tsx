import { item } from "../../core/columns.ts";
import { listedProfile, profileCoverage } from "../../core/profile/apply.ts";
import { writeProfile } from "../../core/profile/formats/native.ts";
import type { MatchedProfile } from "../../core/profile/match.ts";
import type { Device } from "../../core/rig/rig.ts";
import { formatSeconds } from "../../core/units.ts";
import { Button } from "../shared/controls.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

/** Longest list shown; the rest is counted. */
const SHOWN = 12;

interface ProfileDetailsProps {
  readonly device: Device;
  readonly profile: MatchedProfile;
  readonly view: PlanView;
}

/** What a profile covers, what of it fits nothing, and what it warns of. */
export function ProfileDetails({ device, profile, view }: ProfileDetailsProps) {
  const store = useAppStore();
  const coverage = profileCoverage(profile);
  const share = coverage.ops > 0 ? coverage.matchedOps / coverage.ops : 0;
  const save = () => {
    const text = writeProfile(listedProfile(profile, view.graph));
    saveBlob(`${device.id}.profile.json`, new Blob([text], { type: "application/json" }));
  };
  return (
    <div className="profile" data-testid={`profile-details-${device.id}`}>
      <p className="device-line">
        {profile.raw.fileName}: {coverage.matchedOps} of {coverage.ops} ops, {Math.round(100 * coverage.matchedShare)} %
        of the file's {formatSeconds(coverage.seconds)}
      </p>
      <span className="coverage">
        <span style={{ width: `${100 * share}%` }} />
      </span>
      {profile.warnings.map((warning) => (
        <p key={warning} className="device-line" data-tone="warn">
          {warning}
        </p>
      ))}
      <NameList
        title="Entries that fit no op"
        names={profile.unmatchedEntries.map((entry) => item(profile.raw.entries, entry).label)}
      />
      <NameList
        title="Ops without a measurement"
        names={profile.unmatchedOps.map((op) => item(view.graph.opNames, op))}
      />
      <div className="device-buttons">
        <Button kind="quiet" onClick={save}>
          Save profile
        </Button>
        <Button kind="quiet" onClick={() => store.getState().removeProfile(device.id)}>
          Remove profile
        </Button>
      </div>
    </div>
  );
}

function NameList({ title, names }: { readonly title: string; readonly names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <details>
      <summary>
        {title}: {names.length}
      </summary>
      <ul className="tensor-list">
        {names.slice(0, SHOWN).map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: names of entries may repeat
          <li key={`${index} ${name}`} className="tensor-name">
            {name}
          </li>
        ))}
        {names.length > SHOWN ? <li className="tensor-type">and {names.length - SHOWN} more</li> : null}
      </ul>
    </details>
  );
}
