"""Killed at every named step, whatever the vendor does meanwhile: bought once, known, and whole again."""

import re

import pytest

import matrix


@pytest.mark.parametrize("action, product", matrix.GROUPS,
                         ids=[f"{action}-{product.name}" for action, product in matrix.GROUPS])
def test_a_write_survives_death_at_every_step_under_every_fault(lanes, action, product, request):
    wanted = re.compile(request.config.getoption("--case"))
    cases = [case for case in matrix.cases(action, product) if wanted.search(case.name)]
    if not cases:
        pytest.skip("no such case here")
    broken = lanes.run(cases)
    assert not broken, f"{len(broken)} of {len(cases)} cases:\n" + "\n".join(
        f"{name}\n  {complaint}" for name, complaint in sorted(broken.items()))
