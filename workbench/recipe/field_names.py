"""The names under which conversations, prompts and responses go in the files that are about, the likeliest first."""

MESSAGES = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns")
PROMPTS = ("prompt", "instruction", "question", "problem", "query", "task", "request", "input", "inputs", "user")
RESPONSES = (
    "response", "completion", "output", "outputs", "solution", "reply", "assistant", "chosen", "target", "generation",
)  # fmt: skip
ANSWERS = ("answer", "final_answer", "expected_answer", "reference_answer", "ground_truth", "gold")
SYSTEMS = ("system", "system_prompt")
TEXTS = ("text", "content", "passage", "document", "body", "story", "article")
# What an instruction is about stands in a field of its own in files made like Alpaca's or Dolly's.
MORE = ("input", "context")
