import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { err, ok, type Result } from "../core/result.ts";
import type { StepAnswer } from "../engine/serving/pipeline-run.ts";
import {
  decodeResponse,
  encodeRequest,
  HEADER_LENGTH,
  readHeaderLength,
  type WireTensor,
} from "../engine/serving/protocol.ts";
import type { TensorSpec } from "../engine/serving/stage-session.ts";

/** A server that says nothing for this long is taken for dead. */
const SILENCE_MS = 5 * 60 * 1000;
const METADATA_SILENCE_MS = 10 * 1000;

/** More of a server's own words does not help. */
const MOST_WORDS = 200;

/** An address whose user and password are kept apart from it, so that no message or report prints them. */
export class ServerUrl extends URL {
  readonly #user: string | null;

  constructor(address: string) {
    super(address);
    const user = [this.username, this.password].map(decoded).join(":");
    this.#user = user === ":" ? null : user;
    this.username = "";
    this.password = "";
  }

  /** `USER:PASSWORD` as the request takes it; null where the address holds none. */
  get user(): string | null {
    return this.#user;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a server says, as a part of one line. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > MOST_WORDS ? `${line.slice(0, MOST_WORDS).toWellFormed()}...` : line;
}

interface Answer {
  readonly status: number;
  readonly headerLength: string | null;
  readonly body: Uint8Array;
}

export interface ModelMetadata {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** A server of the Open Inference Protocol, over connections that are kept open. */
export class StageClient {
  readonly #device: string;
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #signal: AbortSignal | undefined;

  /** `device` is for messages; `url` is that of the server, without "/v2". */
  constructor(device: string, url: URL, signal?: AbortSignal) {
    this.#device = device;
    this.#url = url;
    this.#signal = signal;
    this.#agent = new Agent({ keepAlive: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** What a model takes and gives; null where the server has none of that name. */
  async metadata(model: string): Promise<Result<ModelMetadata | null>> {
    const answer = await this.#ask("GET", `/v2/models/${encodeURIComponent(model)}`, [], null, METADATA_SILENCE_MS);
    if (!answer.ok) return answer;
    const { status, body } = answer.value;
    if (status === 400 || status === 404) return ok(null);
    const document = status === 200 ? jsonOf(body) : null;
    const inputs = specsOf(document, "inputs");
    const outputs = specsOf(document, "outputs");
    if (inputs !== null && outputs !== null) return ok({ inputs, outputs });
    return err(
      `Device "${this.#device}" at ${this.#url.href} does not describe the model "${model}" (HTTP ${status}); expected a server of the Open Inference Protocol.`,
    );
  }

  /** Runs a model; all tensors travel as bytes. Errors: what the server says, and that it does not answer. */
  async infer(model: string, tensors: readonly WireTensor[], outputs: readonly string[]): Promise<Result<StepAnswer>> {
    const { chunks, headerLength, byteLength } = encodeRequest(tensors, outputs);
    const path = `/v2/models/${encodeURIComponent(model)}/infer`;
    const answer = await this.#ask("POST", path, chunks, headerLength, SILENCE_MS);
    if (!answer.ok) return answer;
    const { status, headerLength: length, body } = answer.value;
    if (status !== 200) {
      const reason = new Map(Object.entries(jsonOf(body) ?? {})).get("error");
      const said = typeof reason === "string" ? oneLine(reason) : "";
      const text = said === "" ? `HTTP ${status}.` : said;
      return err(`Device "${this.#device}" at ${this.#url.href} refuses "${model}": ${text}`);
    }
    const end = readHeaderLength(length);
    const response = end.ok ? decodeResponse(body, end.value) : end;
    if (!response.ok)
      return err(`Device "${this.#device}" at ${this.#url.href} answers unreadably: ${oneLine(response.error)}`);
    return ok({ ...response.value, sentBytes: byteLength, receivedBytes: body.length });
  }

  #ask(
    method: string,
    path: string,
    chunks: readonly Uint8Array[],
    headerLength: number | null,
    silence: number,
  ): Promise<Result<Answer>> {
    const url = new URL(this.#url.pathname.replace(/\/$/, "") + path, this.#url);
    const open = url.protocol === "https:" ? httpsRequest : httpRequest;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = {
      "content-length": length,
      ...(headerLength === null
        ? {}
        : { "content-type": "application/octet-stream", [HEADER_LENGTH]: String(headerLength) }),
    };
    const signal = this.#signal;
    const user = this.#url instanceof ServerUrl ? this.#url.user : null;
    return new Promise((resolve) => {
      const fail = (reason: NodeJS.ErrnoException) => {
        const why = signal?.aborted === true ? "cancelled" : (reason.code ?? reason.message);
        resolve(err(`Device "${this.#device}" at ${this.#url.href} does not answer (${why}).`));
      };
      const options = {
        method,
        headers,
        timeout: silence,
        ...(user === null ? {} : { auth: user }),
        // The agent of https is another class; such connections are opened anew.
        ...(url.protocol === "https:" ? {} : { agent: this.#agent }),
        ...(signal === undefined ? {} : { signal }),
      };
      const request = open(url, options, (response) => {
        collect(response).then((body) => {
          const given = response.headers[HEADER_LENGTH];
          resolve(
            ok({ status: response.statusCode ?? 0, headerLength: typeof given === "string" ? given : null, body }),
          );
        }, fail);
      });
      request.on("error", fail);
      request.on("timeout", () => request.destroy(new Error(`silent for ${silence / 1e3} s`)));
      for (const chunk of chunks) request.write(chunk);
      request.end();
    });
  }
}

async function collect(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function jsonOf(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}

function specsOf(document: object | null, field: string): readonly TensorSpec[] | null {
  const list: unknown = new Map(Object.entries(document ?? {})).get(field);
  if (!Array.isArray(list)) return null;
  const specs: TensorSpec[] = [];
  for (const entry of list) {
    const fields = new Map<string, unknown>(Object.entries(entry ?? {}));
    const [name, datatype, shape] = [fields.get("name"), fields.get("datatype"), fields.get("shape")];
    if (typeof name !== "string" || typeof datatype !== "string" || !Array.isArray(shape)) return null;
    // Some servers write sizes as texts.
    specs.push({ name, datatype, shape: shape.map(Number) });
  }
  return specs;
}
