"""The contract is valid, complete and correct for any request."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from opencasb.api.reporting import export, odata, parameters
from opencasb.api.reporting.pages import PAGE_SIZE
from opencasb.reporting.files import MEDIA_TYPES
from opencasb.reporting.schema import PERIODS
from tests.api.reporting.contract import CONTRACT
from tests.reporting.house import TODAY, House

KEYS = {"app_usage": f"AsOfDate={TODAY},Period='P7D',AppId=10489"}
DOCUMENT = CONTRACT.document


def test_the_file_is_valid_and_has_what_the_program_has() -> None:
    """By the rules of OpenAPI 3.1: tables, periods, parameters and file extensions."""
    validate(DOCUMENT)
    paths = DOCUMENT["paths"]
    assert all(path.startswith((odata.ROOT, export.ROOT)) for path in paths)
    endings = {path.rpartition(".")[2] for path in paths if path.startswith(f"{export.ROOT}{{table}}")}
    assert endings == set(MEDIA_TYPES)
    given_names = [each.get("name", "users") for each in paths[f"{export.ROOT}{{table}}.csv"]["get"]["parameters"]]
    assert tuple(given_names) == parameters.EXPORT
    options = {each.get("name", "users") for each in paths["/odata/v1/{table}"]["get"]["parameters"]}
    assert options == {f"${name}" for name in odata.COLLECTION_OPTIONS} | {"users"}
    page = paths["/odata/v1/{table}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert page["properties"]["value"]["maxItems"] == PAGE_SIZE
    csv = paths[f"{export.ROOT}{{table}}.csv"]["get"]
    (period,) = [each["schema"] for each in csv["parameters"] if each.get("name") == "period"]
    assert period["enum"] == list(PERIODS)


def test_the_file_has_every_table(filled: House) -> None:
    """In the order of the service document."""
    tables = DOCUMENT["components"]["parameters"]["table"]["schema"]["enum"]
    assert tables == list(filled.casb.report_tables.all)


@pytest.mark.parametrize("template", list(DOCUMENT["paths"]))
def test_every_path_answers_as_the_file_says(filled: House, template: str) -> None:
    """This holds for every table; callers without credentials are refused."""
    names = list(filled.casb.report_tables.all) if "{table}" in template else [""]
    for name in names if "{key}" not in template else KEYS:
        path = template.replace("{table}", name).replace("{key}", KEYS.get(name, ""))
        answer = filled.get(path)
        assert answer.status_code == 200, answer.text
        assert filled.get(path, None).status_code == 401


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = TEXTS | st.sampled_from(
    ["AppId", "AsOfDate", "eq", "'P7D'", "2025-11-20", "1", "-1", "null", "(", ")", "and", "in", "true", "desc", ","]
)
NAMES = (
    *("$filter", "$select", "$orderby", "$top", "$skip", "$count", "$format", "$skiptoken", "page", "users"),
    *("from", "to", "period", "raw", "bom", "$expand", ""),
)
OPTIONS = st.dictionaries(st.sampled_from(NAMES) | TEXTS, st.lists(WORDS, max_size=4).map(" ".join), max_size=3)
TABLES = st.sampled_from(["streams", "apps", "app_tags", "app_usage", "daily_usage", "nothing"])
PATHS = st.one_of(
    TABLES.map(lambda name: f"/odata/v1/{name}"),
    TABLES.map(lambda name: f"/odata/v1/{name}/$count"),
    st.tuples(TABLES, st.lists(WORDS, max_size=3)).map(lambda parts: f"/odata/v1/{parts[0]}({','.join(parts[1])})"),
    st.tuples(TABLES, st.sampled_from([*MEDIA_TYPES, "exe"])).map(lambda parts: f"/export/v1/{'.'.join(parts)}"),
    TEXTS.map(lambda text: f"/odata/v1/{text}"),
    TEXTS.map(lambda text: f"/export/v1/{text}"),
)


@settings(max_examples=120)
@given(PATHS, OPTIONS)
def test_any_question_gets_an_answer_of_the_contract(filled: House, path: str, options: dict[str, str]) -> None:
    """Never a server error; error responses have their format and reason."""
    query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in options.items())
    answer = filled.get(f"{quote(path, safe='/$(),=')}?{query}")
    assert answer.status_code in {200, 400, 404, 406}, answer.text
    if answer.status_code != 200:
        assert not re.search(r"[\x00-\x1f]", answer.json()["error"]["message"])


def test_the_guide_names_every_table_and_column(filled: House) -> None:
    """Columns of app facts are documented in the Graph API guide."""
    guide = (Path(__file__).parents[3] / "docs/report-feeds.md").read_text(encoding="utf-8")
    for table in filled.casb.report_tables.all.values():
        assert f"| `{table.name}` |" in guide
        names = [column.name for column in table.columns] if table.name != "app_info" else ["AppId"]
        assert [name for name in names if f"`{name}`" not in guide] == []
    assert [name for name in parameters.EXPORT if f"`{name}`" not in guide] == []
