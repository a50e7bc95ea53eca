"""What `hairfeed init` writes, and that nobody is mailed with what it leaves to be filled in."""

from pathlib import Path

import pytest
import tomlkit

from hairfeed.errors import SettingsError
from hairfeed.files import shipped
from hairfeed.operations.checks import Level
from hairfeed.operations.doctor import examine
from hairfeed.settings import load_settings
from hairfeed.settings.sample import SAMPLE, left_over
from hairfeed.starter import Told, start, starter_config
from tests.conftest import FRIDAY
from tests.test_cli import hairfeed

NOTHING = Told()
ALL = Told(
    title="Ünder the “Hair”, Ltd.",
    url="https://www.hair.example/blog/",
    email="ann@hair.example",
    postal_address="Ann, 3 Lane, Town",
    timezone="Europe/Berlin",
    language="de",
)
SMTP = """
[mail.smtp]
host = "127.0.0.1"
security = "none"
"""


def begun(folder: Path, told: Told = NOTHING, *, provider: str = "outbox") -> Path:
    start(folder, told)
    config = folder / "config" / "hairfeed.toml"
    text = config.read_text(encoding="utf-8").replace('provider = "outbox" ', f'provider = "{provider}" ')
    config.write_text(text + (SMTP if provider == "smtp" else ""), encoding="utf-8")
    return config


def test_what_is_not_told_is_left_to_be_filled_in_and_check_and_doctor_name_it(tmp_path: Path) -> None:
    config = begun(tmp_path)
    done = hairfeed("check", "-c", config)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [*(f"config: {key} is still the sample's; write your own" for key in SAMPLE), "faults 7"]
    (warning,) = (one for one in examine(load_settings(config, {}), FRIDAY, offline=True) if one.found.startswith("still"))
    assert (warning.level, warning.found) == (Level.WARN, f"still the sample's: {', '.join(SAMPLE)}")


def test_whoever_tells_all_has_nothing_left_to_fill_in(tmp_path: Path) -> None:
    config = begun(tmp_path, ALL, provider="smtp")
    settings = load_settings(config, {})
    assert left_over(settings) == []
    assert (settings.site.title, settings.site.author, settings.site.language) == (ALL.title, ALL.title, "de")
    assert (settings.site.url, settings.feeds.url) == ("https://www.hair.example/blog", "https://www.hair.example/blog/feeds")
    assert settings.site.timezone.key == "Europe/Berlin"
    assert settings.mail.from_ == '"Ünder the “Hair”, Ltd." <ann@hair.example>'
    assert settings.mail.reply_to == "ann@hair.example"
    assert hairfeed("check", "-c", config).stdout == "faults 0\n"
    assert "hairfear" not in config.read_text(encoding="utf-8").replace('source = "hairfear"', "").lower()


@pytest.mark.parametrize("key", SAMPLE)
def test_with_anything_of_the_sample_left_no_reader_is_mailed(tmp_path: Path, key: str) -> None:
    config = begun(tmp_path, ALL, provider="smtp")
    document = tomlkit.parse(config.read_text(encoding="utf-8"))
    section, name = key.split(".")
    document[section][name] = SAMPLE[key]
    config.write_text(tomlkit.dumps(document), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(config, {})
    assert refused.value.faults == [f"{config}: {key}: is still the sample's; write your own before readers are mailed"]
    config.write_text(config.read_text(encoding="utf-8").replace('provider = "smtp"', 'provider = "outbox"\nsecond = "smtp"'))
    with pytest.raises(SettingsError, match="is still the sample's"):
        load_settings(config, {})


def test_the_address_of_the_sample_publication_is_nobodys_either(tmp_path: Path) -> None:
    text = shipped("config/hairfeed.toml").read_text(encoding="utf-8")
    config = tmp_path / "hairfeed.toml"
    config.write_text(text.replace('provider = "outbox" ', 'provider = "smtp" ') + SMTP, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(config, {})
    assert [fault.split(": ")[1] for fault in refused.value.faults] == ["site.postal_address"]


def test_what_is_told_wrongly_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    done = hairfeed("init", "mine", "--url", "hair.example", "--timezone", "Mars", "--email", "ann", cwd=tmp_path)
    assert done.returncode == 2
    for said in ("site.url: 'hair.example' is no web address", "site.timezone: no time zone", "mail.reply_to: 'ann' is no mailbox"):
        assert f"hairfeed: {said}" in done.stderr
    assert not (tmp_path / "mine").exists()


def test_a_config_that_is_there_stays_and_that_is_said(tmp_path: Path) -> None:
    config = begun(tmp_path / "mine")
    before = config.read_bytes()
    said = hairfeed("init", "mine", "--title", "Mine", cwd=tmp_path).stdout
    assert "mine/config/hairfeed.toml was there, and stays as it is; what you told is not in it: write it there\n" in said
    assert "stays as it is\n" in hairfeed("init", "mine", cwd=tmp_path).stdout
    assert config.read_bytes() == before


@pytest.mark.parametrize("title", ['"Hair" \\ Skin', "Hair, Skin & Nails", "A.B.", "Haar <3", "Ann's"])
def test_any_title_is_a_title(title: str) -> None:
    document = tomlkit.parse(starter_config(Told(title=title)))
    assert document["site"]["title"] == title
