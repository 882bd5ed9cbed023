"""Chat templates that show tools, calls and results as families do, for tokenizers of ChatML tokens.

Each is shortened to what matters to calls, traps included: what the families' own refuse is refused here too.
"""

from support.chat_templates import QWEN

_END = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"

HERMES = QWEN
# Without tools it is the house model's own: of an engine that has it only tests of tools see a difference.
HOUSE_WITH_TOOLS = QWEN.replace(
    "{% elif messages[0].role != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n", ""
).replace("'You are Qwen.'", "'You may call tools.'")
# NousResearch's own for tools: arguments before the name, and a result must tell whose it is.
HERMES_NAMED = (
    "{% if tools %}<|im_start|>system\nYou may call: <tools>"
    "{% for tool in tools %} {{ tool | tojson }}{% endfor %} </tools>\nas <tool_call>\n"
    "{'arguments': <args-dict>, 'name': <function-name>}\n</tool_call><|im_end|>\n{% endif %}"
    "{% for message in messages %}{% if message.role == 'tool' %}"
    "{% if not message.name %}{{ raise_exception('Tool response dicts require a name') }}{% endif %}"
    "<|im_start|>tool\n<tool_response>\n"
    '{"name": "{{ message.name }}", "content": {{ message.content | tojson }}}\n</tool_response>\n<|im_end|>\n'
    "{% elif message.tool_calls %}<|im_start|>assistant{% for call in message.tool_calls %}\n<tool_call>\n"
    '{ "arguments": {{ call.function.arguments | tojson }}, "name": "{{ call.function.name }}"}'
    "\n</tool_call> {% endfor %}<|im_end|>\n"
    "{% else %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endif %}{% endfor %}" + _END
)
# LLaMA 3.1: tools in the first question, one call a message, no word around it.
LLAMA_3 = (
    "{% for message in messages %}{% if message.tool_calls %}"
    "{% if message.tool_calls | length != 1 %}{{ raise_exception('Only single tool-calls at once') }}{% endif %}"
    "<|im_start|>assistant\n"
    '{"name": "{{ message.tool_calls[0].function.name }}", '
    '"parameters": {{ message.tool_calls[0].function.arguments | tojson }}}<|im_end|>\n'
    "{% elif message.role == 'tool' %}<|im_start|>ipython\n{{ {'output': message.content} | tojson }}<|im_end|>\n"
    "{% else %}<|im_start|>{{ message.role }}\n"
    "{% if tools and loop.first %}Respond in the format "
    '{"name": function name, "parameters": dictionary of argument name and its value}.\n'
    "{% for tool in tools %}{{ tool | tojson(indent=4) }}\n\n{% endfor %}{% endif %}"
    "{{ message.content | trim }}<|im_end|>\n{% endif %}{% endfor %}" + _END
)
# Mistral's v3 and v7: a list behind one mark, and ids of nine letters.
MISTRAL = (
    "{% for message in messages %}{% if message.role == 'user' %}"
    "{% if tools and loop.last %}[AVAILABLE_TOOLS] {{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}"
    "<|im_start|>[INST] {{ message.content }}[/INST]"
    "{% elif message.tool_calls %}[TOOL_CALLS] [{% for call in message.tool_calls %}"
    "{% if call.id | length != 9 %}{{ raise_exception('Tool call IDs should be of length 9!') }}{% endif %}"
    '{{ (call.function | tojson)[:-1] }}, "id": "{{ call.id }}"}{{ "" if loop.last else ", " }}{% endfor %}]<|im_end|>'
    "{% elif message.role == 'tool' %}{% if message.tool_call_id | length != 9 %}"
    "{{ raise_exception('Tool call IDs should be of length 9!') }}{% endif %}"
    '[TOOL_RESULTS] {"content": {{ message.content }}, "call_id": "{{ message.tool_call_id }}"}[/TOOL_RESULTS]'
    "{% else %} {{ message.content }}<|im_end|>{% endif %}{% endfor %}"
)
MISTRAL_NAMED = MISTRAL.replace(
    "[TOOL_CALLS] [{% for call in message.tool_calls %}", "{% for call in message.tool_calls %}"
).replace(
    '{{ (call.function | tojson)[:-1] }}, "id": "{{ call.id }}"}{{ "" if loop.last else ", " }}{% endfor %}]',
    "[TOOL_CALLS]{{ call.function.name }}[ARGS]{{ call.function.arguments | tojson }}{% endfor %}",
)
OF_FORMAT = {
    "hermes": HERMES,
    "hermes, names in results": HERMES_NAMED,
    "llama-3": LLAMA_3,
    "mistral": MISTRAL,
    "mistral-named": MISTRAL_NAMED,
}
