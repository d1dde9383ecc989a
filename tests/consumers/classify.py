"""Logits of float32 pictures, with nothing but ONNX Runtime and NumPy: `classify.py FILE < pixels`."""

import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
shape = session.get_inputs()[0].shape[1:]
pixels = np.frombuffer(sys.stdin.buffer.read(), np.float32).reshape(-1, *shape)
(logits,) = session.run(["logits"], {"input": pixels})
json.dump(logits.tolist(), sys.stdout)
