// Answers prompts greedily with transformers.js: node answer.mjs FOLDER DTYPE < prompts.json
import { readFileSync } from "node:fs";
import path from "node:path";
import { env, pipeline } from "@huggingface/transformers";

const [folder, dtype] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = path.dirname(folder);

const generator = await pipeline("text-generation", path.basename(folder), { dtype });
const answers = [];
for (const prompt of JSON.parse(readFileSync(0, "utf-8"))) {
  const output = await generator(prompt, { max_new_tokens: 64, do_sample: false, return_full_text: false });
  answers.push(output[0].generated_text);
}
process.stdout.write(JSON.stringify(answers));
