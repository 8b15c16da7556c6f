"""What companies require of all that a stack creates."""

from __future__ import annotations

import pytest

from slips.config.settings import NewRoles

from .written import KEY, ROLE, config, faults


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


OTHER_KEY = KEY.replace("1234abcd", "abcd1234")


class TestKeys:
    @pytest.mark.parametrize(
        ("value", "keys"),
        [
            (None, ()),
            (KEY, (KEY,)),
            ([KEY], (KEY,)),
            ([KEY, OTHER_KEY], (KEY, OTHER_KEY)),
            (["aws", KEY], ("", KEY)),
            ([], ()),
        ],
    )
    def test_are_one_that_encrypts_and_those_that_did_so_before(self, value: object, keys: tuple[str, ...]) -> None:
        assert config(kms_key=value).kms_keys == keys
        assert config(kms_key=value).kms_key == (keys[0] if keys else "")

    @pytest.mark.parametrize("value", ["alias/logs", KEY.replace("key/", "alias/"), ROLE, "aws", ["aws"]])
    def test_are_named_by_their_own_arn(self, value: object) -> None:
        (fault,) = faults(kms_key=value)
        assert fault.startswith("kms_key")
        assert fault.endswith("; write the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID")

    @pytest.mark.parametrize("value", [[None], [KEY, ""]])
    def test_are_named(self, value: object) -> None:
        (fault,) = faults(kms_key=value)
        assert fault.endswith("; write the ARN of a key")

    def test_are_named_once(self) -> None:
        assert faults(kms_key=[KEY, KEY]) == ["kms_key[1]: is the key of kms_key[0], too; remove one of the two"]

    def test_are_of_one_region(self) -> None:
        assert faults(kms_key=[KEY, OTHER_KEY.replace("eu-west-1", "us-east-1")]) == [
            "kms_key[1]: is of another region than kms_key[0]; name keys of one region"
        ]

    def test_are_a_few(self) -> None:
        keys = [KEY.replace("1234abcd", f"{number:08}") for number in range(6)]
        assert faults(kms_key=keys) == ["kms_key: found 6 keys; write at most 5"]


class TestProtections:
    @pytest.mark.parametrize("key", ["deletion_protection", "termination_protection"])
    def test_are_on_or_off_or_left_to_the_stage(self, key: str) -> None:
        assert getattr(config(**{key: True}), key) is True
        assert getattr(config(**{key: False}), key) is False
        assert getattr(config(), key) is None
        assert faults(**{key: "on request"}) == [f'{key}: found the text "on request"; write true or false']


class TestNewRoles:
    BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"

    def test_may_have_a_boundary_and_a_path(self) -> None:
        settings = NewRoles(permissions_boundary=self.BOUNDARY, path="/teams/security/")
        assert config(iam={"permissions_boundary": self.BOUNDARY, "path": "/teams/security/"}).iam == settings
        assert config().iam == NewRoles()

    @pytest.mark.parametrize("path", ["teams", "/teams", "teams/", "//", "/a b/", f"/{'p' * 511}/"])
    def test_have_a_path_that_iam_takes(self, path: str) -> None:
        (fault,) = faults(iam={"path": path})
        assert fault.startswith("iam.path: ")
        assert fault.endswith('; write a path like "/teams/security/", at most 512 characters')

    @pytest.mark.parametrize("path", ["/", f"/{'p' * 510}/"])
    def test_have_a_path_as_long_as_iam_takes(self, path: str) -> None:
        assert config(iam={"path": path}).iam.path == path

    def test_have_a_policy_as_boundary(self) -> None:
        (fault,) = faults(iam={"permissions_boundary": ROLE})
        assert fault.endswith("; write the ARN of a managed policy, arn:aws:iam::ACCOUNT:policy/NAME")

    def test_have_nothing_else(self) -> None:
        (fault,) = faults(iam={"permission_boundary": self.BOUNDARY})
        assert fault == 'iam.permission_boundary: unknown key; did you mean "permissions_boundary"?'
