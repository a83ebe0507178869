import { listedProfile, profileCoverage } from "../../core/profile/apply.ts";
import { writeProfile } from "../../core/profile/formats/native.ts";
import type { MatchedProfile } from "../../core/profile/match.ts";
import { totalOf } from "../../core/profile/scale-to-total.ts";
import type { Device } from "../../core/rig/rig.ts";
import { formatSeconds } from "../../core/units.ts";
import { Button } from "../shared/controls.tsx";
import { saveBlob } from "../shared/save-blob.ts";
import { useAppStore } from "../shared/use-app.ts";
import type { PlanView } from "../shared/use-plan.ts";

interface ProfileDetailsProps {
  readonly device: Device;
  readonly profile: MatchedProfile;
  readonly view: PlanView;
}

/** How much a profile covers and what it warns of; to look at it closer, to save it, to take it off. */
export function ProfileDetails({ device, profile, view }: ProfileDetailsProps) {
  const store = useAppStore();
  const coverage = profileCoverage(profile);
  const total = totalOf(profile.raw);
  const share = coverage.ops > 0 ? coverage.matchedOps / coverage.ops : 0;
  const save = () => {
    const text = writeProfile(listedProfile(profile, view.graph));
    saveBlob(`${device.id}.profile.json`, new Blob([text], { type: "application/json" }));
  };
  return (
    <div className="profile" data-testid={`profile-details-${device.id}`}>
      <p className="device-line">
        {profile.raw.fileName}:{" "}
        {total === null
          ? `${coverage.matchedOps} of ${coverage.ops} ops, ${Math.round(100 * coverage.matchedShare)} % of the file's ${formatSeconds(coverage.seconds)}`
          : `${formatSeconds(total.median)} for a whole inference`}
      </p>
      {total === null ? (
        <span className="coverage">
          <span style={{ width: `${100 * share}%` }} />
        </span>
      ) : null}
      {profile.warnings.map((warning) => (
        <p key={warning} className="device-line" data-tone="warn">
          {warning}
        </p>
      ))}
      <div className="device-buttons">
        <Button kind="quiet" onClick={() => store.getState().reviewProfile(device.id)}>
          What it covers…
        </Button>
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
