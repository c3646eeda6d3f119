"""Panels never stand on one another, whatever their sizes."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.dashboard import DashboardError
from dashboards.layout import Place, bottom, flow
from dashboards.theme import COLUMNS

SIZES = st.lists(st.tuples(st.integers(1, COLUMNS), st.integers(1, 20)), max_size=12)


@given(SIZES, st.integers(0, 100))
def test_any_panels_fit_side_by_side_without_a_common_cell(sizes, top):
    places = flow(sizes, top)
    assert [(place.width, place.height) for place in places] == sizes
    assert all(place.x >= 0 and place.x + place.width <= COLUMNS and place.y >= top for place in places)
    assert not any(one.overlaps(other) for one, other in combinations(places, 2))
    assert all(place.y + place.height <= bottom(places, top) for place in places)


def test_a_line_is_filled_before_the_next_one_begins():
    assert flow([(12, 8), (12, 9), (6, 4)], 1) == (Place(0, 1, 12, 8), Place(12, 1, 12, 9), Place(0, 10, 6, 4))


@pytest.mark.parametrize("size", [(25, 8), (0, 8), (12, 0)])
def test_a_panel_that_has_no_place_is_refused(size):
    with pytest.raises(DashboardError, match="does not fit"):
        flow([size], 0)
