/**
 * A program in Python (standard library and NumPy) that runs a pipeline of servers over the Open Inference Protocol
 * (KServe v2, HTTP with binary tensors), as pipeline.json beside it says.
 */
export const TRITON_CLIENT = `#!/usr/bin/env python3
"""Runs a split model on the servers that hold its stages.

Speaks the Open Inference Protocol (KServe v2) over HTTP with binary tensors. Needs Python 3.8 and NumPy. The stages
and their tensors are described in pipeline.json beside this file.
"""
import argparse
import http.client
import json
import queue
import struct
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import numpy as np

TYPES = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
    "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "FP16": np.float16, "FP32": np.float32, "FP64": np.float64, "BYTES": np.object_,
}
TIMEOUT_SECONDS = 300


class Failure(Exception):
    """A sentence for the person at the terminal."""


def to_bytes(array, datatype):
    if datatype != "BYTES":
        return np.ascontiguousarray(array, dtype=TYPES[datatype]).tobytes()
    texts = [text if isinstance(text, bytes) else str(text).encode() for text in array.ravel()]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def from_bytes(data, datatype, shape):
    if datatype not in TYPES:
        raise Failure(f"NumPy has no type for tensors of {datatype}.")
    if datatype != "BYTES":
        return np.frombuffer(data, dtype=TYPES[datatype]).reshape(shape)
    texts, start = [], 0
    while start < len(data):
        (length,) = struct.unpack_from("<I", data, start)
        texts.append(data[start + 4:start + 4 + length])
        start += 4 + length
    return np.array(texts, dtype=object).reshape(shape)


class Server:
    """One connection to one server, kept open. Used by one thread."""

    def __init__(self, device, url):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f'The address of device "{device}" is "{url}"; expected http://HOST:PORT.')
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.device, self.url, self.base = device, url, parts.path.rstrip("/")
        self.connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)

    def request(self, method, path, body=None, headers=None):
        try:
            self.connection.request(method, self.base + path, body, headers or {})
            response = self.connection.getresponse()
            return response, response.read()
        except (OSError, http.client.HTTPException) as reason:
            self.connection.close()
            raise Failure(f'Device "{self.device}" at {self.url} does not answer: {reason}.') from None

    def is_ready(self, model):
        try:
            response, _ = self.request("GET", "/v2/models/" + urllib.parse.quote(model) + "/ready")
        except Failure:
            return False
        return response.status == 200

    def infer(self, step, tensors):
        inputs, chunks = [], []
        for entry in step["inputs"]:
            name, datatype = entry["name"], entry["datatype"]
            array = tensors[name]
            data = to_bytes(array, datatype)
            chunks.append(data)
            inputs.append({
                "name": name, "shape": list(array.shape), "datatype": datatype,
                "parameters": {"binary_data_size": len(data)},
            })
        outputs = [{"name": entry["name"], "parameters": {"binary_data": True}} for entry in step["outputs"]]
        header = json.dumps({"inputs": inputs, "outputs": outputs}).encode()
        body = b"".join([header, *chunks])
        path = "/v2/models/" + urllib.parse.quote(step["model"]) + "/infer"
        response, data = self.request("POST", path, body, {
            "Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header)),
        })
        if response.status != 200:
            reason = data.decode(errors="replace")
            try:
                reason = json.loads(reason)["error"]
            except (ValueError, KeyError, TypeError):
                pass
            raise Failure(f'Device "{self.device}" refuses {step["model"]}: {reason}')
        length = int(response.headers.get("Inference-Header-Content-Length", len(data)))
        results, start = {}, length
        for entry in json.loads(data[:length])["outputs"]:
            size = entry.get("parameters", {}).get("binary_data_size")
            if size is None:
                array = np.array(entry["data"], dtype=TYPES[entry["datatype"]]).reshape(entry["shape"])
            else:
                array = from_bytes(data[start:start + size], entry["datatype"], entry["shape"])
                start += size
            results[entry["name"]] = array
        return results, len(body), len(data)


def read_pairs(flag, texts):
    pairs = {}
    for text in texts or []:
        name, middle, value = text.partition("=")
        if not name or not middle or not value:
            raise Failure(f'{flag} is "{text}"; expected NAME=VALUE.')
        pairs[name] = value
    return pairs


def make_input(entry, given, random):
    name, shape = entry["name"], entry["shape"]
    if name in given:
        array = np.load(given[name], allow_pickle=False)
        expected = TYPES[entry["datatype"]]
        return array if expected is np.object_ else array.astype(expected, copy=False)
    if shape is None or any(size < 0 for size in shape):
        raise Failure(f'The size of input "{name}" is open; give it by --input {name}=FILE.npy.')
    kind = np.dtype(TYPES[entry["datatype"]]).kind
    if kind == "f":
        return random.random(shape).astype(TYPES[entry["datatype"]])
    return np.full(shape, "text" if kind == "O" else 1, dtype=TYPES[entry["datatype"]])


def run(pipeline, servers, frame, count, in_flight):
    """Sends the frame through all steps count times; returns seconds of each, when they ended, outputs and bytes."""
    steps = pipeline["steps"]
    last_use = {name: len(steps) for name in pipeline["outputs"]}
    for position, step in enumerate(steps):
        for entry in step["inputs"]:
            last_use[entry["name"]] = max(last_use.get(entry["name"], 0), position)
    queues = [queue.Queue() for _ in range(len(steps) + 1)]
    traffic = [(0, 0)] * len(steps)
    failures, stop = [], threading.Event()

    def work(position, step):
        try:
            while not stop.is_set():
                job = queues[position].get()
                if job is None:
                    break
                start, tensors = job
                results, sent, received = servers[position].infer(step, tensors)
                traffic[position] = (sent, received)
                kept = {name: array for name, array in tensors.items() if last_use.get(name, -1) > position}
                queues[position + 1].put((start, {**kept, **results}))
        except Exception as reason:
            failures.append(reason)
            stop.set()
            queues[-1].put(None)

    workers = [threading.Thread(target=work, args=entry, daemon=True) for entry in enumerate(steps)]
    for worker in workers:
        worker.start()
    latencies, ends, outputs, sent = [], [], None, 0
    while len(latencies) < count:
        while sent < count and sent - len(latencies) < in_flight:
            queues[0].put((time.perf_counter(), dict(frame)))
            sent += 1
        job = queues[-1].get()
        if job is None:
            raise failures[0]
        ends.append(time.perf_counter())
        latencies.append(ends[-1] - job[0])
        outputs = {name: job[1][name] for name in pipeline["outputs"]}
    for waiting in queues[:-1]:
        waiting.put(None)
    for worker in workers:
        worker.join()
    return latencies, ends, outputs, traffic


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--at", action="append", metavar="DEVICE=URL", help="where a device's server is, once for each")
    parser.add_argument("--input", action="append", metavar="NAME=FILE.npy", help="an input (default: random numbers)")
    parser.add_argument("--frames", type=int, default=20, help="how many to send (default: 20)")
    parser.add_argument("--in-flight", type=int, help="how many at once (default: two for each step)")
    parser.add_argument("--seed", type=int, default=1, help="of random inputs (default: 1)")
    parser.add_argument("--out", metavar="DIR", help="a folder for the outputs, as .npy")
    parser.add_argument("--wait", type=float, default=30, help="seconds to wait for servers to be ready (default: 30)")
    options = parser.parse_args()
    pipeline = json.loads(Path(__file__).with_name("pipeline.json").read_text(encoding="utf-8"))
    steps = pipeline["steps"]
    addresses = read_pairs("--at", options.at)
    missing = sorted({step["device"] for step in steps} - set(addresses))
    if missing:
        raise Failure("No address is given for " + ", ".join(missing) + "; expected --at DEVICE=http://HOST:PORT.")
    servers = [Server(step["device"], addresses[step["device"]]) for step in steps]
    until = time.monotonic() + options.wait
    for server, step in zip(servers, steps):
        while not server.is_ready(step["model"]):
            if time.monotonic() > until:
                raise Failure(f'Device "{server.device}" at {server.url} does not serve "{step["model"]}".')
            time.sleep(0.2)
    random, given = np.random.default_rng(options.seed), read_pairs("--input", options.input)
    unknown = sorted(set(given) - {entry["name"] for entry in pipeline["inputs"]})
    if unknown:
        raise Failure("The model has no input " + ", ".join(unknown) + ".")
    frame = {entry["name"]: make_input(entry, given, random) for entry in pipeline["inputs"]}
    run(pipeline, servers, frame, 2, 1)
    alone, _, outputs, traffic = run(pipeline, servers, frame, max(1, min(5, options.frames)), 1)
    print(f"latency  {1e3 * float(np.median(alone)):.2f} ms, one frame at a time, median of {len(alone)}")
    if options.frames > 1:
        in_flight = options.in_flight or 2 * len(steps)
        _, ends, outputs, traffic = run(pipeline, servers, frame, options.frames, in_flight)
        half = len(ends) // 2
        period = (ends[-1] - ends[half - 1]) / (len(ends) - half)
        print(f"period   {1e3 * period:.2f} ms, {in_flight} frames in flight, over the last {len(ends) - half} of {len(ends)}")
    for step, (sent, received) in zip(steps, traffic):
        print(f'{step["model"]} on {step["device"]}: {sent} bytes sent, {received} bytes received per frame')
    for name, array in outputs.items():
        print(f"output {name}: {array.dtype} {list(array.shape)}")
    if options.out:
        folder = Path(options.out)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (name, array) in enumerate(outputs.items()):
            np.save(folder / f"output_{number}.npy", array)


if __name__ == "__main__":
    try:
        main()
    except Failure as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
`;
