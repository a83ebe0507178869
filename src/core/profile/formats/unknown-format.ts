/** What is said of a file that no format of profiles takes. */
export const unknownFormat = (fileName: string): string =>
  `${fileName} is no device profile that can be read here; expected a splitscope-profile file, an ONNX Runtime trace, a profile of TensorRT, OpenVINO, TFLite, QNN, SNPE or ncnn, or a CSV file with the columns node and latency_ms.`;
