import { at, item, row } from "../columns.ts";
import type { ExportSubject } from "./export-subject.ts";
import type { TextExporter } from "./exporter.ts";
import { oneHostLimits, processorKind, usedDevices } from "./processor-kind.ts";
import { pythonString } from "./python-text.ts";

const PROCESSORS = { cpu: "CPU", gpu: "GPU", npu: "NPU" } as const;

/**
 * A program in Python that reads the model in OpenVINO, sets the affinity of every operation by its name or by the
 * tensors that it makes, and compiles it for HETERO. O(ops).
 */
function writeAffinityScript(subject: ExportSubject): string {
  const { model, rig, plan } = subject;
  const { graph } = model;
  const deviceOf = (op: number) => item(rig.devices, item(plan.stages, at(plan.stageOf, op))).id;
  const processors = usedDevices(subject).map((number) => {
    const device = item(rig.devices, number);
    return `    ${pythonString(device.id)}: ${pythonString(PROCESSORS[processorKind(device)])},\n`;
  });
  const ops = graph.opNames.map((name, op) => {
    const tensors = [...row(graph.opOutputs, op)].map((tensor) => pythonString(item(graph.tensorNames, tensor)));
    return `    (${pythonString(name)}, [${tensors.join(", ")}], ${pythonString(deviceOf(op))}),\n`;
  });
  return `"""Puts the parts of a model on processors of one machine in OpenVINO (HETERO), as a plan says.

    python3 FILE.affinity.py ${model.fileName.replaceAll(/[^\w.-]/g, "_")}
"""
import sys

import openvino as ov

# Which of OpenVINO's devices stands for each device of the plan: change what does not fit the machine.
PROCESSORS = {
${processors.join("")}}

# Name of each op, the tensors that it makes, and its device in the plan.
OPS = [
${ops.join("")}]


def set_affinities(model):
    """Sets rt_info["affinity"] of every operation; returns how many ops of the plan were found by name or tensor."""
    by_name = {name: PROCESSORS[device] for name, _, device in OPS}
    by_tensor = {tensor: PROCESSORS[device] for _, tensors, device in OPS for tensor in tensors}
    operations = model.get_ordered_ops()
    affinity = {}
    for operation in operations:
        found = by_name.get(operation.get_friendly_name())
        for output in operation.outputs():
            for tensor in output.get_names():
                found = by_tensor.get(tensor, found)
        if found is not None:
            affinity[operation.get_friendly_name()] = found
    found = len(affinity)
    # One ONNX op may become several operations, and weights are operations of their own: they go where they are read.
    for operation in reversed(operations):
        name = operation.get_friendly_name()
        readers = [reader.get_node() for output in operation.outputs() for reader in output.get_target_inputs()]
        for reader in readers:
            if name not in affinity and reader.get_friendly_name() in affinity:
                affinity[name] = affinity[reader.get_friendly_name()]
    # The model's results, and what nothing of the plan reads: where their input is made.
    for operation in operations:
        name = operation.get_friendly_name()
        for source in operation.input_values():
            maker = source.get_node().get_friendly_name()
            if name not in affinity and maker in affinity:
                affinity[name] = affinity[maker]
        if name in affinity:
            operation.get_rt_info()["affinity"] = affinity[name]
    return found


def compile_model(path):
    core = ov.Core()
    model = core.read_model(path)
    found = set_affinities(model)
    print(f"{found} operations placed by the plan's {len(OPS)} ops")
    return core.compile_model(model, "HETERO:" + ",".join(dict.fromkeys(PROCESSORS.values())))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python3 " + sys.argv[0] + " MODEL.onnx")
    compiled = compile_model(sys.argv[1])
    print("compiled for", compiled.get_property("EXECUTION_DEVICES"))
`;
}

export const openvinoAffinity: TextExporter = {
  kind: "file",
  needs: "model",
  id: "openvino",
  label: "OpenVINO affinities (Python)",
  detail: "Sets each operation's device for HETERO on one machine",
  suffix: ".affinity.py",
  mimeType: "text/x-python",
  howToRun: ({ model }) => `With OpenVINO installed, beside the model:

    pip install openvino
    python3 FILE.affinity.py ${model.fileName}

PROCESSORS at its top says which of OpenVINO's devices stands for each device of the plan.
`,
  limits: (subject) => oneHostLimits(subject, "OpenVINO", { cpu: "its CPU", gpu: "its GPU", npu: "its NPU" }),
  write: writeAffinityScript,
};
