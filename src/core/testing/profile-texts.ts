/** A short file of every profile format, written by hand after the writers' own layout, by the format's id. */
export const PROFILE_TEXTS = {
  "splitscope-profile": `{"format": "splitscope-profile", "version": 1, "provenance": {"kind": "measured", "runs": 20}, "entries": [
    {"label": "conv", "nodes": ["c0", "r0"], "latency_us": {"median": 250.5}},
    {"label": "copy", "kind": "overhead", "latency_us": {"median": 1.5}}]}`,
  "ort-trace": `[
{"cat" : "Session","pid" :1,"tid" :1,"dur" :500,"ts" :1,"ph" : "X","name" :"session_initialization","args" : {}},
{"cat" : "Node","pid" :1,"tid" :1,"dur" :120,"ts" :600,"ph" : "X","name" :"c0_kernel_time","args" : {"op_name" : "Conv","provider" : "CPUExecutionProvider","node_index" : "0","activation_size" : "64","output_size" : "64"}},
{"cat" : "Node","pid" :1,"tid" :1,"dur" :30,"ts" :720,"ph" : "X","name" :"r0_kernel_time","args" : {"op_name" : "Relu","provider" : "CPUExecutionProvider","node_index" : "1","activation_size" : "64","output_size" : "64"}},
{"cat" : "Session","pid" :1,"tid" :1,"dur" :160,"ts" :600,"ph" : "X","name" :"model_run","args" : {}}
]
`,
  "trt-metadata": `{"device_information": {"Selected Device": "Orin", "Compute Clock Rate": 1.3}, "performance_summary": {"Latency": [1.5, 1.25]}}`,
  "trt-profile": `[
  { "count" : 200 }
, { "name" : "Reformatting CopyNode for Input Tensor 0 to Conv_0 + Relu_1", "timeMs" : 2, "averageMs" : 0.01, "medianMs" : 0.009, "percentage" : 1 }
, { "name" : "Conv_0 + Relu_1", "timeMs" : 22, "averageMs" : 0.11, "medianMs" : 0.1, "percentage" : 70 }
, { "name" : "Conv_0 + Relu_1 [profile 1]", "timeMs" : 44, "averageMs" : 0.22, "medianMs" : 0.2, "percentage" : 70 }
, { "name" : "a\u001eb\u001fc", "timeMs" : 4, "averageMs" : 0.02, "percentage" : 9 }
, { "name" : "reshape_after_Gemm_4", "timeMs" : 0, "averageMs" : 0, "medianMs" : 0, "percentage" : 0 }
, { "name" : "Gemm_4", "timeMs" : 4, "averageMs" : nan, "medianMs" : nan, "percentage" : nan }
]`,
  "trt-layerinfo": `{"Layers": [{"Name": "Conv_0 + Relu_1", "LayerType": "CaskConvolution", "Inputs": [], "Outputs": [
    {"Name": "r1", "Dimensions": [1,8,4,4], "Format/Datatype": "Half"}], "Metadata": "[ONNX Layer: c0]\u001f[ONNX Layer: r0 | f (g)]"},
    {"Name": "copy", "LayerType": "Reformat", "Origin": "REFORMAT", "Inputs": [], "Outputs": []}], "Bindings": []}`,
  "trt-times": `[
  { "startComputeMs" : 1, "endComputeMs" : 2, "latencyMs" : 9.5, "h2dMs" : 0.2, "d2hMs" : 0.1 },
  { "startComputeMs" : 3, "endComputeMs" : 4, "latencyMs" : 1.5, "h2dMs" : 0.2, "d2hMs" : 0.1 }
]`,
  "ov-csv": `layerName;execStatus;layerType;execType;realTime (ms);cpuTime (ms);
data;NOT_RUN;Parameter;unknown_f32;0.000000;0.000000;
c0;EXECUTED;Convolution;jit_avx2_FP32;0.615000;0.615000;
r0;OPTIMIZED_OUT;ReLU;undef;0.000000;0.000000;
c0_reorder;EXECUTED;Reorder;jit;0,250000;0,250000;
Total;;;;0.865000;0.865000;

`,
  "ov-json": `{"report_type": "average", "avg_performance": {"nodes": [
    {"name": "c0", "node_type": "Convolution", "status": "EXECUTED", "real_time": 0.5, "cpu_time": 0.5, "exec_type": "jit"},
    {"name": "r0", "node_type": "ReLU", "status": "OPTIMIZED_OUT", "real_time": 0, "cpu_time": 0, "exec_type": "undef"}]}}`,
  "tflite-op": `Profiling Info for Benchmark Initialization:
============================== Run Order ==============================
node type, first, avg_ms, %, cdf%, mem KB, times called, name
AllocateTensors, 9, 9, 100%, 100%, 0, 1, AllocateTensors/0
Timings (microseconds): count=1 curr=29

Operator-wise Profiling Info for Regular Benchmark Runs:
============================== Run Order ==============================
node type, first, avg_ms, %, cdf%, mem KB, times called, name
CONV_2D, 0.4, 0.3, 60%, 60%, 0, 1, [m/conv/Relu;m/conv/Conv2D]:0
TfLiteXNNPackDelegate, 0.1, 0.2, 40%, 100%, 0, 1, [a, b, c]:1

============================== Top by Computation Time ==============================
node type, first, avg_ms, %, cdf%, mem KB, times called, name
CONV_2D, 0.4, 0.3, 60%, 60%, 0, 1, [m/conv/Relu;m/conv/Conv2D]:0

Timings (microseconds): count=50 first=510 curr=500 min=490 max=520 avg=505.5 std=3

Delegate internal:
============================== Run Order ==============================
node type, first, avg_ms, %, cdf%, mem KB, times called, name
Convolution (NHWC, F32) IGEMM, 0.1, 0.2, 100%, 100%, 0, 1, Delegate/Convolution:0
`,
  "qnn-csv": `Msg Timestamp,Message,Time,Unit of Measurement,Timing Source,Event Level,Event Identifier,ONNX Source Ops
1,ROOT,4,COUNT,BACKEND,ROOT,Number of HVX threads used,
1,ROOT,3000,CYCLES,BACKEND,ROOT,Accelerator (execute) time (cycles),
1,NODE,2000,CYCLES,BACKEND,SUB-EVENT,c0_token_1_2:OpId_7 (cycles),c0;r0
1,NODE,1000,CYCLES,BACKEND,SUB-EVENT,"pool, max:OpId_8 (cycles)",
1,ROOT,6,US,BACKEND,ROOT,Accelerator (execute) time,
`,
  "snpe-diag": `Dnn Runtime Load/Deserialize/Create/De-Init Statistics:
Average SNPE Statistics:
Total Inference Time: 200 us
Layer Times:
---------------
c0: 120 us : DSP
pool: 30 us : DSP
`,
  "snpe-dlc-info": `DLC info for: model.dlc
----------------------------------
| Id | Name | Type          | Out Dims   |
----------------------------------
| 0  | c0   | convolutional | 1x4x4x8    |
|    |      |               | padding: 1 |
| 1  | pool | pooling       | 1x2x2x8    |
`,
  "ncnn-bench": `loop_count = 8
num_threads = 4
          squeezenet  min =   46.50  max =   46.80  avg =   46.60
`,
  "tflite-total": `STARTING!
count=50 first=900 curr=510 min=500 max=900 avg=520 std=3
count=100 first=510 curr=500 min=490 max=520 avg=505.5 std=3
Inference timings in us: Init: 2000, First inference: 900, Warmup (avg): 520, Inference (avg): 505.5
`,
  pipeedge: `box:
  bw_Mbps: 8
  mem_MB: 16
  model_profiles:
    tiny: [{batch_size: 2, dtype: torch.float32, time_s: [1, 2, 3]}]
`,
  "ncnn-layers": `Convolution              c0                                 1.25ms    |    [224, 224,   3 *1] -> [112, 112,   8 *4]         kernel: 3 x 3     stride: 2 x 2
Pooling                  pool                               0.25ms    |    [112, 112,   8 *4] -> [ 56,  56,   8 *4]
Split                    split_0                            0.01ms    |    [ 56,  56,   8 *4] -> [ 56,  56,   8 *4]
InnerProduct             fc                                 0.50ms    |    [1000 *1] -> [ 10 *1]
`,
  tegrastats: `RAM 613/3964MB (lfb 634x4MB) CPU [2%@102] EMC_FREQ 0% GR3D_FREQ 0% PLL@39C POM_5V_IN 900/943 POM_5V_GPU 0/0
RAM 613/3964MB (lfb 634x4MB) CPU [2%@102] GR3D_FREQ 99% tj@38C POM_5V_IN 4900mW/1943mW POM_5V_GPU 2000mW/100mW
`,
  "me-nodedata": `{"main": {"name": "x", "results": {"t0": {"value": 4.5}, "__proto__": {"value": 2}, "bad": {"value": "fast"}}}}`,
  "plain-csv": `node;latency_ms
c0;0,25
"r;0";1.5
c0;0,75
broken;fast
`,
};
