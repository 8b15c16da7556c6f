"""What companies require of all that a stack creates."""

from __future__ import annotations

import pytest

from .written import config, faults


class TestTags:
    def test_are_texts_by_their_keys(self) -> None:
        tags = {"team": "security", "Cost Center": "a.b:c/d=e+f-g@h_1", "Größe": "groß"}
        assert config(tags=tags).tags == tags
        assert config().tags == {}

    @pytest.mark.parametrize("key", ["a,b", "a\nb", "", "k" * 129, "a*"])
    def test_have_keys_that_aws_takes(self, key: str) -> None:
        (fault,) = faults(tags={key: "v"})
        assert fault.startswith("tags")
        assert fault.endswith("is not the key of a tag; write at most 128 letters, digits, spaces and _ . : / = + - @")

    @pytest.mark.parametrize("key", ["aws:x", "AWS:x", "slips:stack", "aws-chalice"])
    def test_leave_the_reserved_keys_to_those_that_set_them(self, key: str) -> None:
        (fault,) = faults(tags={key: "v"})
        assert fault.endswith("is reserved; choose a key that does not begin with aws:, slips:, aws-chalice")

    def test_do_not_differ_in_case_only(self) -> None:
        """IAM refuses them on a role."""
        assert faults(tags={"team": "a", "Team": "b"}) == [
            'tags.Team: differs from "team" in case only; remove one of the two'
        ]

    @pytest.mark.parametrize("value", ["", None, "v" * 257, "a,b", "a\nb"])
    def test_have_values_that_aws_takes(self, value: object) -> None:
        (fault,) = faults(tags={"team": value})
        assert fault.startswith("tags.team: ")
        assert fault.endswith("; write 1 to 256 letters, digits, spaces and _ . : / = + - @")

    @pytest.mark.parametrize("value", [1234, True, 1.5])
    def test_have_texts_as_values(self, value: object) -> None:
        (fault,) = faults(tags={"cost-center": value})
        assert fault.endswith("; put it in quotes if it is text")

    def test_are_forty_five_at_most(self) -> None:
        tags = {f"t{number}": "v" for number in range(46)}
        assert faults(tags=tags) == ["tags: found 46 tags; write at most 45; AWS allows 50, ours included"]
        del tags["t0"]
        assert config(tags=tags).tags == tags

    def test_are_a_mapping(self) -> None:
        (fault,) = faults(tags=["team"])
        assert fault.startswith("tags: found a list; write a mapping from keys to values")
