/** Name of the runner beside the segments. */
export const RUNNER_NAME = "run.py";

/**
 * A program in Python that runs segments as a pipeline of machines: one file, with ONNX Runtime and NumPy. A message is
 * the length of a JSON header in 4 bytes (big-endian), the header, which lists the tensors, and their bytes in turn.
 * Each stage passes on what the manifest's transfers list; the last one answers the client itself, so that bytes go over
 * the links that the plan counts. A server takes only tensors that the manifest lists, of their type and size.
 */
export const RUNNER = `#!/usr/bin/env python3
"""Runs the segments in this folder, one stage on each machine, as a pipeline.

  run.py check                          compares the files with manifest.json
  run.py serve STAGE --next HOST:PORT   runs one stage; the last one's --next is the client
  run.py client --first HOST:PORT       sends frames to stage 0, waits for the last stage's outputs

Needs Python 3.8, numpy and, to serve, onnxruntime. Messages are neither encrypted nor authenticated: use it in a
network that you trust.
"""
import argparse
import hashlib
import json
import os
import queue
import socket
import struct
import sys
import threading
import time

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
DTYPES = {
    "float": "float32", "double": "float64", "float16": "float16", "bool": "bool",
    "uint8": "uint8", "int8": "int8", "uint16": "uint16", "int16": "int16",
    "uint32": "uint32", "int32": "int32", "uint64": "uint64", "int64": "int64",
}
MOST_HEADER = 16 * 1024 * 1024
MOST_WAITING = 2
CONNECT_SECONDS = 60


class Fault(Exception):
    """What a person is told, in one sentence."""


def read_manifest():
    with open(os.path.join(HERE, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    if manifest.get("format") != "splitscope-segments" or manifest.get("version") != 1:
        raise Fault("manifest.json is not of format splitscope-segments, version 1.")
    return manifest


def check_file(entry):
    digest = hashlib.sha256()
    path = os.path.join(HERE, entry["file"])
    with open(path, "rb") as file:
        for window in iter(lambda: file.read(1 << 20), b""):
            digest.update(window)
    if os.path.getsize(path) != entry["bytes"] or digest.hexdigest() != entry["sha256"]:
        raise Fault("%s is not the file that manifest.json lists: its size or SHA-256 differs." % entry["file"])


def files_of(manifest, stage=None):
    stages = [entry for entry in manifest["stages"] if entry["file"] and stage in (None, entry["stage"])]
    external = {name for entry in stages for name in entry["externalFiles"]}
    return stages + [entry for entry in manifest["externalFiles"] if entry["file"] in external]


def address(text):
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise Fault("%r is no address; expected HOST:PORT." % text)
    return host.strip("[]") or "127.0.0.1", int(port)


def connect(text):
    end = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            connection = socket.create_connection(address(text), timeout=5)
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except OSError as reason:
            if time.monotonic() > end:
                raise Fault("Nothing answers at %s: %s." % (text, reason))
            time.sleep(0.1)


def listen(host, port):
    server = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((host, port))
    except OSError as reason:
        raise Fault("Port %d of %s cannot be used: %s." % (port, host, reason))
    server.listen(1)
    return server


def accept(server):
    connection, _ = server.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive_exactly(connection, size):
    buffer = bytearray(size)
    view = memoryview(buffer)
    filled = 0
    while filled < size:
        count = connection.recv_into(view[filled:])
        if count == 0:
            raise Fault("The connection ended in the middle of a message.")
        filled += count
    return buffer


def send(connection, frame, tensors):
    arrays = [(name, numpy.ascontiguousarray(array).reshape(array.shape)) for name, array in tensors]
    header = {
        "frame": frame,
        "tensors": [{"name": name, "dtype": array.dtype.name, "shape": list(array.shape)} for name, array in arrays],
    }
    text = json.dumps(header).encode("utf-8")
    connection.sendall(struct.pack(">I", len(text)) + text)
    for _, array in arrays:
        if array.size:
            connection.sendall(memoryview(array.reshape(-1).view(numpy.uint8)))
    return 4 + len(text) + sum(array.nbytes for _, array in arrays)


def receive(connection, expected):
    """The next frame and its tensors, or None at the end. expected: what may come, by name."""
    first = connection.recv(1)
    if not first:
        return None
    (size,) = struct.unpack(">I", first + receive_exactly(connection, 3))
    if size > MOST_HEADER:
        raise Fault("A message has a header of %d bytes; at most %d were expected." % (size, MOST_HEADER))
    header = json.loads(bytes(receive_exactly(connection, size)).decode("utf-8"))
    tensors = {}
    for entry in header["tensors"]:
        name, shape = entry["name"], [int(number) for number in entry["shape"]]
        wanted = expected.get(name)
        if wanted is None:
            raise Fault("A message holds the tensor %r; expected %s." % (name, ", ".join(expected) or "none"))
        dtype, dims = dtype_of(wanted), wanted["shape"]
        known = dims is not None and all(isinstance(number, int) for number in dims)
        if entry["dtype"] != dtype or (known and shape != dims) or min(shape, default=0) < 0:
            raise Fault("Tensor %r is %s %s; expected %s %s." % (name, entry["dtype"], shape, dtype, dims))
        array = numpy.empty(shape, dtype)
        raw = receive_exactly(connection, array.nbytes)
        tensors[name] = numpy.frombuffer(raw, dtype).reshape(shape)
    missing = [name for name in expected if name not in tensors]
    if missing:
        raise Fault("A message lacks the tensor %r." % missing[0])
    return header["frame"], tensors


def dtype_of(entry):
    dtype = DTYPES.get(entry["elementType"])
    if dtype is None:
        raise Fault("Tensor %r has elements of type %s, which NumPy does not have." % (entry["name"], entry["elementType"]))
    return dtype


def typed(manifest):
    entries = list(manifest["inputs"]) + list(manifest["outputs"])
    for stage in manifest["stages"]:
        entries += stage["inputs"] + stage["outputs"]
    return {entry["name"]: entry for entry in entries}


def incoming(manifest, stage):
    if stage == 0:
        return [entry["name"] for entry in manifest["inputs"]]
    return manifest["transfers"][stage - 1]["tensors"]


def outgoing(manifest, stage):
    if stage + 1 < len(manifest["stages"]):
        return manifest["transfers"][stage]["tensors"]
    return [entry["name"] for entry in manifest["outputs"]]


def load(manifest, stage, providers, level):
    entry = manifest["stages"][stage]
    for file in files_of(manifest, stage):
        check_file(file)
    if not entry["file"]:
        return lambda tensors: {}
    import onnxruntime

    options = onnxruntime.SessionOptions()
    if level == "disabled":
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(os.path.join(HERE, entry["file"]), options, providers=providers)
    inputs = [one["name"] for one in entry["inputs"]]
    outputs = [one["name"] for one in entry["outputs"]]
    return lambda tensors: dict(zip(outputs, session.run(outputs, {name: tensors[name] for name in inputs})))


class Worker(threading.Thread):
    """A thread whose fault is raised where it is joined."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.fault = work, None
        self.start()

    def run(self):
        try:
            self.work()
        except (Fault, OSError, ValueError, KeyError, TypeError) as reason:
            self.fault = reason

    def finish(self):
        self.join()
        if self.fault is not None:
            raise self.fault


def serve_connection(source, target, expected, names, run):
    """Receives, runs and sends at the same time, a few frames apart."""
    received, ready = queue.Queue(MOST_WAITING), queue.Queue(MOST_WAITING)

    def read():
        try:
            while True:
                message = receive(source, expected)
                received.put(message)
                if message is None:
                    return
        except BaseException:
            received.put(None)
            raise

    def write():
        while True:
            message = ready.get()
            if message is None:
                return
            try:
                send(target, *message)
            except OSError:
                # The next machine is gone: what still comes is dropped, so that nobody waits for it.
                source.close()
                while ready.get() is not None:
                    pass
                raise

    reader, writer = Worker(read), Worker(write)
    frames, seconds = 0, 0.0
    try:
        while True:
            message = received.get()
            if message is None:
                break
            frame, tensors = message
            start = time.perf_counter()
            tensors = {**tensors, **run(tensors)}
            seconds += time.perf_counter() - start
            frames += 1
            ready.put((frame, [(name, tensors[name]) for name in names]))
    finally:
        ready.put(None)
    reader.finish()
    writer.finish()
    return frames, seconds


def serve(options):
    manifest = read_manifest()
    if not 0 <= options.stage < len(manifest["stages"]):
        raise Fault("There is no stage %d; the last one is %d." % (options.stage, len(manifest["stages"]) - 1))
    address(options.next)
    run = load(manifest, options.stage, options.providers.split(","), options.level)
    types = typed(manifest)
    expected = {name: types[name] for name in incoming(manifest, options.stage)}
    names = outgoing(manifest, options.stage)
    server = listen(options.host, options.port)
    print("stage %d listens on %s:%d" % (options.stage, options.host, server.getsockname()[1]), flush=True)
    while True:
        source = accept(server)
        try:
            target = connect(options.next)
            try:
                frames, seconds = serve_connection(source, target, expected, names, run)
            finally:
                target.close()
            if frames:
                print("stage %d: %d frames, %.3f ms each" % (options.stage, frames, 1e3 * seconds / frames), flush=True)
        except (Fault, OSError, ValueError, KeyError, TypeError) as reason:
            print("stage %d: %s" % (options.stage, reason), file=sys.stderr, flush=True)
            if options.once:
                return 1
        finally:
            source.close()
        if options.once:
            return 0


def made_up(entry, random):
    dtype = numpy.dtype(dtype_of(entry))
    if entry["shape"] is None or not all(isinstance(number, int) for number in entry["shape"]):
        raise Fault("The shape of input %r is not known; give it by --input." % entry["name"])
    if dtype.kind == "f":
        return random.random(entry["shape"]).astype(dtype)
    return numpy.ones(entry["shape"], dtype)


def client_inputs(manifest, given, seed):
    files = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals:
            raise Fault("--input is %r; expected NAME=FILE.npy." % text)
        files[name] = path
    random = numpy.random.default_rng(seed)
    inputs = {}
    for entry in manifest["inputs"]:
        name = entry["name"]
        path = files.pop(name, None)
        array = made_up(entry, random) if path is None else numpy.load(path, allow_pickle=False)
        if array.dtype.name != dtype_of(entry):
            raise Fault("Input %r is %s; expected %s." % (name, array.dtype.name, dtype_of(entry)))
        inputs[name] = array
    if files:
        raise Fault("The model has no input %r." % next(iter(files)))
    return inputs


def client(options):
    manifest = read_manifest()
    inputs = client_inputs(manifest, options.input, options.seed)
    types = typed(manifest)
    names = [entry["name"] for entry in manifest["outputs"]]
    server = listen(options.host, options.port)
    server.settimeout(CONNECT_SECONDS)
    print("client listens on %s:%d" % (options.host, server.getsockname()[1]), flush=True)
    first = connect(options.first)
    begins, ends, outputs, sent = {}, {}, {}, []
    room = threading.Semaphore(options.in_flight)
    failed = threading.Event()

    def collect():
        try:
            try:
                last = accept(server)
            except socket.timeout:
                raise Fault("The last stage did not connect; is its --next this client?")
            last.settimeout(None)
            while True:
                message = receive(last, {name: types[name] for name in names})
                if message is None:
                    break
                frame, tensors = message
                ends[frame] = time.perf_counter()
                outputs.update(tensors)
                room.release()
            if len(ends) < options.frames:
                raise Fault("The pipeline ended after %d of %d frames; see what its stages say." % (len(ends), options.frames))
        except BaseException:
            failed.set()
            room.release()
            raise

    collector = Worker(collect)
    start = time.perf_counter()
    for frame in range(options.frames):
        room.acquire()
        if failed.is_set():
            break
        begins[frame] = time.perf_counter()
        sent.append(send(first, frame, list(inputs.items())))
    first.shutdown(socket.SHUT_WR)
    collector.finish()
    first.close()
    latencies = sorted(ends[frame] - begins[frame] for frame in ends)
    report = {
        "frames": len(ends),
        "medianLatencySeconds": latencies[len(latencies) // 2],
        "periodSeconds": (max(ends.values()) - min(ends.values())) / (len(ends) - 1) if len(ends) > 1 else None,
        "totalSeconds": time.perf_counter() - start,
        "sentBytesPerFrame": sent[0],
    }
    print(json.dumps(report), flush=True)
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        for position, name in enumerate(names):
            numpy.save(os.path.join(options.out, "output_%d.npy" % position), outputs[name])
    return 0


def check(_):
    files = files_of(read_manifest())
    for entry in files:
        check_file(entry)
    print("%d files are as manifest.json lists them" % len(files))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("check", help="compares the files with manifest.json")
    one.set_defaults(run=check)
    one = commands.add_parser("serve", help="runs one stage")
    one.add_argument("stage", type=int)
    one.add_argument("--next", required=True, help="HOST:PORT of the next stage, for the last one of the client")
    one.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for other machines")
    one.add_argument("--port", type=int, default=0, help="0: a free one, which is printed")
    one.add_argument("--providers", default="CPUExecutionProvider", help="of ONNX Runtime, with commas between")
    one.add_argument("--level", choices=["disabled", "all"], default="all", help="how far the model may be rewritten")
    one.add_argument("--once", action="store_true", help="ends after one client")
    one.set_defaults(run=serve)
    one = commands.add_parser("client", help="sends frames and waits for the outputs")
    one.add_argument("--first", required=True, help="HOST:PORT of stage 0")
    one.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for other machines")
    one.add_argument("--port", type=int, default=0, help="that the last stage's --next names; 0: a free one")
    one.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy", help="others are made up")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--frames", type=int, default=1)
    one.add_argument("--in-flight", type=int, default=4)
    one.add_argument("--out", help="folder for the last frame's outputs")
    one.set_defaults(run=client)
    options = parser.parse_args()
    try:
        return options.run(options)
    except (Fault, OSError, ImportError) as reason:
        print("run.py: %s" % reason, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
`;
