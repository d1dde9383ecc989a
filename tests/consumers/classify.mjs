// Logits of float32 pictures with onnxruntime-node: node classify.mjs FILE AXES < pixels
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-node";

const [file, axes] = process.argv.slice(2);
const shape = axes.split(",").map(Number);
const bytes = readFileSync(0);
const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const count = pixels.length / shape.reduce((product, size) => product * size, 1);

const session = await ort.InferenceSession.create(file);
const { logits } = await session.run({ input: new ort.Tensor("float32", pixels, [count, ...shape]) });
const classes = logits.dims[1];
const rows = Array.from({ length: count }, (_, row) =>
  Array.from(logits.data.subarray(row * classes, (row + 1) * classes)),
);
process.stdout.write(JSON.stringify(rows));
