"""Chat templates as model families have them, shortened to what matters to counting, for tokenizers of ChatML tokens.

Each does something to a message that depends on where it stands, or on what stands beside it.
"""

_END = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
_NEWEST = (
    "{% set ns = namespace(newest=0) %}{% for message in messages %}"
    "{% if message.role == 'user' %}{% set ns.newest = loop.index0 %}{% endif %}{% endfor %}"
)
_CALLS = (
    "{% for call in message.tool_calls or () %}\n<tool_call>\n"
    '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}'
    "\n</tool_call>{% endfor %}"
)

# Qwen 2.5: a system message of its own, tools in it, calls as text, outputs of tools joined into one message.
QWEN = (
    "{% if tools %}<|im_start|>system\n"
    "{{ messages[0].content if messages[0].role == 'system' else 'You are Qwen.' }}\n\n# Tools\n<tools>"
    "{% for tool in tools %}\n{{ tool | tojson }}{% endfor %}\n</tools><|im_end|>\n"
    "{% elif messages[0].role != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n{% endif %}"
    "{% for message in messages %}"
    "{% if message.role == 'tool' %}"
    "{% if loop.first or messages[loop.index0 - 1].role != 'tool' %}<|im_start|>user{% endif %}"
    "\n<tool_response>\n{{ message.content }}\n</tool_response>"
    "{% if loop.last or messages[loop.index0 + 1].role != 'tool' %}<|im_end|>\n{% endif %}"
    "{% elif not (tools and loop.first and message.role == 'system') %}"
    "<|im_start|>{{ message.role }}\n{{ message.content or '' }}" + _CALLS + "<|im_end|>\n"
    "{% endif %}{% endfor %}" + _END
)
# Qwen 3: thinking is dropped from answers before the newest question, and an answer that is last gets an empty one.
QWEN_3 = (
    _NEWEST + "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.role == 'assistant' %}"
    "{% set said = message.content.split('</think>')[-1].lstrip('\n') %}"
    "{% if loop.index0 > ns.newest and (loop.last or '</think>' in message.content) %}"
    "<think>\n{{ message.content.split('</think>')[0].strip('\n') if '</think>' in message.content else '' }}"
    "\n</think>\n\n{% endif %}{{ said }}" + _CALLS + "{% else %}{{ message.content }}{% endif %}<|im_end|>\n"
    "{% endfor %}" + _END
)
# LLaMA 2: the system message is in the first question; roles alternate; no tools.
LLAMA_2 = (
    "{% set system = messages[0].content if messages[0].role == 'system' else none %}"
    "{% for message in (messages[1:] if system is not none else messages) %}"
    "{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "{% if message.role == 'user' %}<|im_start|>[INST] "
    "{% if loop.first and system is not none %}<<SYS>>\n{{ system }}\n<</SYS>>\n\n{% endif %}"
    "{{ message.content | trim }} [/INST]{% else %} {{ message.content | trim }} <|im_end|>{% endif %}{% endfor %}"
)
# Mistral: tools and the system message stand before the newest question.
MISTRAL = (
    "{% set system = messages[0].content if messages[0].role == 'system' else none %}"
    + _NEWEST
    + "{% for message in messages %}"
    "{% if message.role == 'user' %}"
    "{% if tools and loop.index0 == ns.newest %}<|im_start|>{{ tools | tojson }}<|im_end|>{% endif %}"
    "[INST] {% if system is not none and loop.index0 == ns.newest %}{{ system }}\n\n{% endif %}"
    "{{ message.content }}[/INST]"
    "{% elif message.role == 'tool' %}[TOOL_RESULTS]{{ message.content }}[/TOOL_RESULTS]"
    "{% elif message.role == 'assistant' %} {{ message.content }}" + _CALLS + "<|im_end|>{% endif %}{% endfor %}"
)
# Alpaca: no control token between two turns, so that words merge across them.
ALPACA = (
    "{% for message in messages %}{% if message.role == 'system' %}{{ message.content }}\n\n"
    "{% elif message.role == 'assistant' %}### Response:\n{{ message.content }}\n\n"
    "{% else %}### Instruction:\n{{ message.content }}\n\n{% endif %}{% endfor %}### Response:\n"
)
# A template that numbers its messages: no turn is shown alike in two places.
NUMBERED = (
    "{% for message in messages %}<|im_start|>{{ '#' * loop.index }} {{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}" + _END
)
# Only questions and answers, and nothing that begins otherwise.
STRICT = (
    "{% for message in messages %}"
    "{% if message.role not in ('user', 'assistant') %}{{ raise_exception('Only users and assistants') }}{% endif %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}" + _END
)
