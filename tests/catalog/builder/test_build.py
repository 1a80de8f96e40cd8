"""The complete build, on a small folder of sources."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl

from opencasb.catalog.builder.build import build
from opencasb.catalog.catalog import Catalog
from opencasb.model.app import GENERATIVE_AI, App
from opencasb.model.layer import LAYERS, Layer
from tests.catalog.builder.synthetic import curated, write_sources

CORE: tuple[Layer, ...] = ("core",)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def named(catalog: Catalog, name: str) -> App:
    """Return the app of this name."""
    (found,) = (app for app in catalog.search(name) if app.name == name)
    return found


def test_the_same_sources_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """A second build elsewhere writes identical files."""
    again = tmp_path / "again"
    build(write_sources(tmp_path / "sources"), again, curated())
    assert contents(built) == contents(again)


def test_ids_survive_a_build_with_more_apps(built: Path, tmp_path: Path) -> None:
    """An app keeps its id when others are added, and a rebuild with the same register changes nothing."""
    out = tmp_path / "out"
    shutil.copytree(built, out)
    sources = write_sources(tmp_path / "sources")
    with (sources / "twofactorauth/entries.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"name": "Aardvark", "domain": "aardvark.com", "categories": ["task"]}\n')
    build(sources, out, curated())
    before, after = (dict(Catalog.of_folder(path).apps.select("name", "app_id").iter_rows()) for path in (built, out))
    assert set(after) - set(before) == {"Aardvark"}
    assert {name: after[name] for name in before} == before
    assert after["Aardvark"] == max(after.values())


def test_reviewed_apps_keep_their_well_known_id_and_gather_domains(small: Catalog) -> None:
    """A reviewed app has its id, its domains first, and those that sources add."""
    app = named(small, "Boxfall")
    assert app == App(
        app_id=11627,
        name="Boxfall",
        category="SAASDB_CATEGORY_CLOUD_STORAGE",
        domains=("boxfall.com", "bf.to", "boxfalldrop.com"),
        vendor="Boxfall",
    )


def test_new_ids_follow_the_reserved_ones_in_the_order_of_domains(built: Path) -> None:
    """Other apps have ids from 34000 up, those of core first; 34001 is reserved here, so they start after it."""
    core, both = (Catalog.of_folder(built, layers).apps for layers in (CORE, LAYERS))
    assert sorted(both["app_id"]) == [11627, *range(34002, 34001 + both.height)]
    assert core["app_id"].max() == 34000 + core.height
    mains = core["domains"].list.first().to_list()[1:]
    assert mains == sorted(mains)


def test_a_list_gives_domains_to_its_app_but_not_the_main_domain_of_another(small: Catalog) -> None:
    """Tasklane gets its content domain; Paycove, which its list also contains, remains a separate app."""
    assert named(small, "Tasklane").domains == ("tasklane.com", "tasklane.net", "tlcdn.net")
    assert named(small, "Paycove").category == "SAASDB_CATEGORY_ACCOUNTING_AND_FINANCE"


def test_the_closest_statement_decides_the_category(small: Catalog) -> None:
    """A domain list outvotes the section of a curated list; an app known only from a list is named by its domain."""
    assert named(small, "Metricly").category == GENERATIVE_AI
    assert named(small, "thinkwell.ai").category == GENERATIVE_AI


def test_installations_of_one_software_are_not_one_app(small: Catalog) -> None:
    """A record with many unlike domains keeps the first one and is flagged."""
    app = named(small, "Chatterware")
    assert app.domains == ("chatterware.org",)
    assert app.flags == {"software"}


def test_a_domain_of_which_nothing_is_known_is_no_app(small: Catalog) -> None:
    """Neither an unnamed list nor a file on a shared platform makes an app."""
    names = set(small.apps["name"])
    assert names.isdisjoint({"unnamed-thing.org", "A file", "codeplace.com"})


def test_matching_a_built_catalog(small: Catalog) -> None:
    """Customers' hosts, service hosts, buckets on other platforms and brands' top-level domains match their app."""
    hosts = ["acme.boxfall.com", "sync.boxfall.com", "tasklane-assets.s3.amazonaws.com", "new.bigcorp", "bigcorp"]
    matched = small.match_hosts(pl.Series(hosts))
    tasklane = named(small, "Tasklane").app_id
    assert matched["app_id"].to_list() == [11627, 11627, tasklane, 11627, None]
    assert matched["instance"].to_list() == ["acme.boxfall.com", None, None, None, None]


def test_every_fact_has_its_source(built: Path, small: Catalog) -> None:
    """Names, categories and domains have the id of a described source."""
    sources = {source.id: source for source in small.sources}
    domains = pl.read_parquet(built / "core/domains.parquet")
    facts = small.identity
    used = {*facts["name_source"], *facts["category_source"], *facts["vendor_source"], *domains["source"]} - {None}
    assert used <= set(sources)
    assert sources["curated"].date == "2026-01-02"
    assert facts.filter(pl.col("app_id") == 11627)["evidence"].item() == "https://boxfall.com/domains"


def test_an_empty_folder_builds_the_reviewed_apps(tmp_path: Path) -> None:
    """Missing sources are no error."""
    report = build(tmp_path / "nothing", tmp_path / "out", curated())
    assert report.apps == 3


def test_the_share_alike_layer_only_adds(built: Path, small: Catalog, tmp_path: Path) -> None:
    """Core is identical without the layer's sources; a build without the layer contains nothing of it."""
    sources = write_sources(tmp_path / "sources")
    for name in ("adguard-companiesdb", "tosdr"):
        shutil.rmtree(sources / name)
    build(sources, tmp_path / "out", curated())
    core = {name: text for name, text in contents(built).items() if name.startswith("core")}
    assert core == {name: text for name, text in contents(tmp_path / "out").items() if name.startswith("core")}
    assert set(Catalog.of_folder(built, ["core"]).apps["name"]).isdisjoint({"Admonger", "Oldie"})
    assert {"Admonger", "Oldie"} <= set(small.apps["name"])


def test_each_layer_names_its_own_sources(built: Path) -> None:
    """A layer therefore needs only its own notices."""
    core, both = (Catalog.of_folder(built, layers) for layers in (CORE, LAYERS))
    assert not {source.id for source in core.sources} & {"tosdr", "adguard-companiesdb"}
    assert {source.id for source in both.sources} >= {"tosdr", "adguard-companiesdb", "curated"}
    assert set(core.facts["source"]) <= {source.id for source in core.sources}
    assert set(both.facts["source"]) <= {source.id for source in both.sources}
    assert "CC BY-SA 4.0" in (built / "sharealike/NOTICES.md").read_text("utf-8")
    assert "CC BY-SA" not in (built / "core/NOTICES.md").read_text("utf-8")


def test_facts_have_value_source_date_confidence_and_evidence(small: Catalog) -> None:
    """Values as in the sources; derived ones have a method."""
    rows = small.facts.filter(pl.col("app_id") == named(small, "Tasklane").app_id).rows()
    app_id = named(small, "Tasklane").app_id
    page = "https://tasklane.com/help/2fa"
    assert (app_id, "is_multi_factor_authentication", "true", "twofactorauth", "2026-08-04", "high", None, page) in rows
    erasure = ("true", "justdeleteme", "2026-08-21", "medium", "an account can be deleted", "https://tasklane.com/bye")
    assert (app_id, "is_gdpr_right_to_erasure", *erasure) in rows


def test_the_report_compares_with_the_build_before(tmp_path: Path) -> None:
    """New, changed and removed apps by id; empty for the first build."""
    out, sources = tmp_path / "out", write_sources(tmp_path / "sources")
    first = build(sources, out, curated())
    assert (first.new, first.changed, first.vanished) == ([], [], [])
    assert first.layers["core"].apps + first.layers["sharealike"].apps == first.apps
    entries = sources / "twofactorauth/entries.jsonl"
    text = entries.read_text("utf-8").replace('"name": "Paycove"', '"name": "PayCove"')
    entries.write_text("".join(line for line in text.splitlines(keepends=True) if "northwold" not in line), "utf-8")
    second = build(sources, out, curated())
    assert [(change.was, change.now) for change in second.changed] == [({"name": "Paycove"}, {"name": "PayCove"})]
    assert [name for _, name in second.vanished] == ["Northwold University"]
    assert second.new == []


def test_progress_is_told(tmp_path: Path) -> None:
    """Each step is reported before it begins."""
    told: list[tuple[str, int, int]] = []
    build(tmp_path / "nothing", tmp_path / "out", curated(), lambda *step: told.append(step))
    assert [step[1:] for step in told] == [(at, len(told)) for at in range(len(told))]
    assert told[0][0] == "reading"
