import { streamingHash } from "../engine/sha256.ts";
import { hashLane, serveLane } from "./hash-lane.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<SharedArrayBuffer>) => void) | null;
  postMessage(message: "ready"): void;
};

scope.onmessage = ({ data }) => {
  scope.postMessage("ready");
  void serveLane(hashLane(data), streamingHash);
};
