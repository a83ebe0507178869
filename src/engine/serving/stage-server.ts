import { VERSION } from "../../core/version.ts";
import {
  decodeRequest,
  encodeResponse,
  HEADER_LENGTH,
  type Message,
  MODEL_VERSION,
  readHeaderLength,
} from "./protocol.ts";
import type { StageSession, TensorSpec } from "./stage-session.ts";

export interface ServerRequest {
  readonly method: string;
  /** Of the address, without what comes after "?". */
  readonly path: string;
  /** Value of the header that says where the JSON of the body ends; null where it is not there. */
  readonly headerLength: string | null;
  readonly body: Uint8Array;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly chunks: readonly Uint8Array[];
}

const JSON_TYPE = "application/json";

function jsonAnswer(status: number, document: object): ServerAnswer {
  const chunk = new TextEncoder().encode(JSON.stringify(document));
  return { status, headers: new Map([["content-type", JSON_TYPE]]), chunks: [chunk] };
}

const failure = (status: number, error: string): ServerAnswer => jsonAnswer(status, { error });

function messageAnswer({ chunks, headerLength, byteLength }: Message): ServerAnswer {
  const isJson = headerLength === byteLength;
  return {
    status: 200,
    headers: new Map<string, string>([
      ["content-type", isJson ? JSON_TYPE : "application/octet-stream"],
      ...(isJson ? [] : [[HEADER_LENGTH, String(headerLength)] as const]),
    ]),
    chunks,
  };
}

const metadata = (specs: readonly TensorSpec[]) =>
  specs.map(({ name, datatype, shape }) => ({ name, datatype, shape }));

async function infer(model: string, session: StageSession, request: ServerRequest): Promise<ServerAnswer> {
  const length = readHeaderLength(request.headerLength);
  if (!length.ok) return failure(400, length.error);
  const read = decodeRequest(request.body, length.value);
  if (!read.ok) return failure(400, read.error);
  const { id, tensors, outputs, binaryByDefault } = read.value;
  const ran = await session.run(tensors, outputs?.map(({ name }) => name) ?? null);
  if (!ran.ok) return failure(400, ran.error);
  const given = ran.value.tensors.map(({ name }) => name);
  const asJson = given.filter((name) => !(outputs?.find((output) => output.name === name)?.binary ?? binaryByDefault));
  const answer = { tensors: ran.value.tensors, computeSeconds: ran.value.seconds };
  const encoded = encodeResponse(model, id, answer, new Set(asJson));
  return encoded.ok ? messageAnswer(encoded.value) : failure(400, encoded.error);
}

/**
 * Answers a request of the Open Inference Protocol: health, server and model metadata, inference. Never throws for
 * what a client sends; the body of an error is `{"error": sentence}`.
 */
export async function answerRequest(
  models: ReadonlyMap<string, StageSession>,
  request: ServerRequest,
): Promise<ServerAnswer> {
  const [root, area, name, ...rest] = request.path
    .split("/")
    .filter((part) => part !== "")
    .map(decodePart);
  const isGet = request.method === "GET";
  if (root !== "v2")
    return failure(404, `There is nothing at "${request.path}"; the protocol's addresses begin with /v2.`);
  if (area === undefined && isGet) {
    return jsonAnswer(200, { name: "splitscope", version: VERSION, extensions: ["binary_tensor_data"] });
  }
  if (area === "health" && (name === "live" || name === "ready") && isGet) return jsonAnswer(200, { [name]: true });
  if (area !== "models" || name === undefined) return failure(404, `There is nothing at "${request.path}".`);
  const session = models.get(name);
  if (session === undefined) {
    const known = [...models.keys()].map((model) => `"${model}"`).join(", ");
    return failure(404, `There is no model "${name}" here; there is ${known}.`);
  }
  const hasVersion = rest[0] === "versions";
  if (hasVersion && rest[1] !== MODEL_VERSION) {
    return failure(404, `There is no version "${rest[1] ?? ""}" of the model "${name}"; there is "${MODEL_VERSION}".`);
  }
  const action = hasVersion ? rest.slice(2) : rest;
  if (action.length === 0 && isGet) {
    return jsonAnswer(200, {
      name,
      versions: [MODEL_VERSION],
      platform: "onnxruntime_onnx",
      inputs: metadata(session.inputs),
      outputs: metadata(session.outputs),
    });
  }
  if (action[0] === "ready" && isGet) return jsonAnswer(200, { ready: true });
  if (action[0] === "infer") {
    return request.method === "POST" ? infer(name, session, request) : failure(405, "Inference is asked for by POST.");
  }
  return failure(404, `There is nothing at "${request.path}".`);
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
