from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import EnvironmentFault, InputError, UnknownName
from dialer.operations.numbering_plans import import_plan, open_plans, plans_of, remove_plan
from lists.errors import ListFileError, OptionError
from lists.numbering_plan import NO_PLANS

TABLE = "code;from;to;operator;region\n900;0000000;0000999;МТС;Свердловская обл.\n901;0000000;0000999;МТС;Нигде\n"


def table(folder: Path, text: str = TABLE, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_is_kept_and_found_again(tmp_path: Path, encoding: str) -> None:
    folder = plans_of(tmp_path)
    found = import_plan(
        folder, [table(tmp_path, encoding=encoding)], region="ru", source="MinTsifry", as_of="2026-11-01"
    )
    assert (found.title.name, found.title.code, found.title.ranges) == ("RU", "7", 2)
    assert (found.placed, found.unknown) == (1, {"Нигде": 1})
    plans = open_plans(folder)
    assert plans.zones("+79000000001") == ("Asia/Yekaterinburg",)
    title, holder = plans.find("+79010000001") or pytest.fail("not found")
    assert (title.source, title.as_of, holder.operator, holder.regions) == ("MinTsifry", "2026-11-01", "МТС", ())
    assert [path.name for path in folder.iterdir()] == ["RU.plan"]


def test_a_table_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    folder = plans_of(tmp_path)
    import_plan(folder, [table(tmp_path)], region="RU")
    before = open_plans(folder)
    import_plan(folder, [table(tmp_path, TABLE.replace("Свердловская", "Омская"))], region="RU")
    assert open_plans(folder).zones("+79000000001") == ("Asia/Omsk",)
    assert before.zones("+79000000001") == ("Asia/Yekaterinburg",)  # whoever has it open goes on with it


def test_a_table_that_is_none_leaves_the_one_before(tmp_path: Path) -> None:
    folder = plans_of(tmp_path)
    import_plan(folder, [table(tmp_path)], region="RU")
    for text in ("code;from;to\n900;9;1\n", "code;from;to\n"):
        with pytest.raises(ListFileError):
            import_plan(folder, [table(tmp_path, text)], region="RU")
    assert open_plans(folder).zones("+79000000001") == ("Asia/Yekaterinburg",)


@pytest.mark.parametrize("name", ["../x", ".hidden", "a\nb", "a/b"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name for a plan"):
        import_plan(plans_of(tmp_path), [table(tmp_path)], region="RU", name=name)


def test_a_region_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--region"):
        import_plan(plans_of(tmp_path), [table(tmp_path)], region="XX")


def test_a_plan_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = plans_of(tmp_path)
    import_plan(folder, [table(tmp_path)], region="RU")
    (folder / "RU.plan").write_bytes(b"something else")
    with pytest.raises(EnvironmentFault, match=r"RU.plan: .*import the numbering plan again"):
        open_plans(folder)


def test_no_plans(tmp_path: Path) -> None:
    assert open_plans(None) is NO_PLANS
    assert open_plans(plans_of(tmp_path)) is NO_PLANS
    assert NO_PLANS.find("+79000000001") is None


def test_removing_one(tmp_path: Path) -> None:
    folder = plans_of(tmp_path)
    import_plan(folder, [table(tmp_path)], region="RU")
    with pytest.raises(UnknownName, match="numbering plan"):
        remove_plan(folder, "UA")
    remove_plan(folder, "RU")
    assert open_plans(folder).zones("+79000000001") == ()
