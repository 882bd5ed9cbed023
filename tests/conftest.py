"""Fixtures that several folders of tests share."""

from hypothesis import settings

pytest_plugins = ["support.vllm_server"]

# A machine that does something else beside the tests takes longer, and is not wrong.
settings.register_profile("maru", deadline=None)
settings.load_profile("maru")
