"""Reading the config: every fault at once, by file and key; the environment; secrets; paths."""

import re
from pathlib import Path

import pytest

from hairfeed.errors import SettingsError
from hairfeed.files import shipped
from hairfeed.settings import Settings, load_settings
from tests.conftest import CONFIG

SMTP = '\n[mail.smtp]\nhost = "smtp.example.com"\nusername = "weekly"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "hairfeed.toml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str = CONFIG, **environment: str) -> Settings:
    return load_settings(written(folder, text), environment)


def faults(folder: Path, text: str = CONFIG, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text, **environment)
    return caught.value.faults


def test_the_shipped_config_loads() -> None:
    path = shipped("config/hairfeed.toml")
    settings = load_settings(path, {})
    assert list(settings.newsletters) == ["weekly"]
    assert settings.mail.provider == "outbox"


def test_a_section_that_is_commented_out_can_be_switched_on() -> None:
    config = shipped("config/hairfeed.toml").read_text()
    sections = re.findall(r"^(?:# )?\[(.+?)\]", config, re.MULTILINE)
    assert len(sections) == len(set(sections)) > 20


def test_every_fault_is_reported_with_file_and_key(tmp_path: Path) -> None:
    text = (
        CONFIG.replace('title = "Plain Hair"\n', "")
        .replace('timezone = "UTC"', 'timezone = "Mars/Olympus"')
        .replace("lock_timeout = 5", "lock_timeout = 0")
        .replace('"Fri 08:00"', '"Friday-ish"')
    )
    file = tmp_path / "hairfeed.toml"
    found = faults(tmp_path, text)
    assert [fault.partition(": ")[0] for fault in found] == [str(file)] * 4
    assert [fault.split(": ")[1] for fault in found] == [
        "site.title",
        "site.timezone",
        "store.lock_timeout",
        "newsletters.weekly.schedule",
    ]


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, CONFIG.replace('title = "Plain Hair"\n', ""))
    assert fault.endswith("hairfeed.toml: site.title: is missing")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://hairfeed@db.example.org/hairfeed",
        "postgresql+psycopg:///hairfeed?host=/run/postgresql",
        "postgresql+psycopg://hairfeed:s%40cret@db.example.org:6432/hairfeed?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem",
    ],
)
def test_a_store_may_be_a_server_behind_a_port_or_a_socket(tmp_path: Path, url: str) -> None:
    assert load(tmp_path, CONFIG.replace("sqlite:///../hairfeed.db", url)).store.url == url


def test_the_password_of_a_store_that_is_none_is_not_shown(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, CONFIG.replace("sqlite:///../hairfeed.db", "postgresql+psycopg://hairfeed:s/cret@host/hairfeed"))
    assert "is no store" in fault
    assert "cret" not in fault


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("lock_timeout", "lock_timout", "store.lock_timout: unknown key; did you mean lock_timeout?"),
        ("[store]", "[store]\nentries = 3", "store.entries: unknown key; known here: url, lock_timeout"),
        ("reply_to = ", 'form = "a@example.org"\nreply_to = ', "mail.form: unknown key; did you mean from?"),
        ('schedule = "Fri 08:00"', 'schedule = "Fri 08:00"\nmax_article = 3', "unknown key; did you mean max_articles?"),
        ('path = "../articles"', 'path = "../articles"\ndate_oder = "DMY"', "unknown key; did you mean date_order?"),
        ("[feeds]", "[sources.s]\ntype = 'website'\nurl = 'https://a.example'\nlink = '/*'\n[feeds]", "did you mean links?"),
    ],
)
def test_an_unknown_key_is_refused_with_a_hint(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CONFIG
    assert any(said in fault for fault in faults(tmp_path, CONFIG.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"https://hair.example.org"', '"hair.example.org"', "site.url: 'hair.example.org' is no web address; write it like"),
        ('"sqlite:///../hairfeed.db"', '"postgresql:///x"', "store.url: 'postgresql:///x' is no store; write it like sqlite:"),
        ('"sqlite:///../hairfeed.db"', '"postgresql+psycopg://u:p@ss@h/d"', "store.url: holds an @ in its password or user"),
        ('"editor@hair.example.org"', '"editor"', "mail.reply_to: 'editor' is no mailbox; write it like"),
        ('"editor@hair.example.org"', '"größe@hair.example.org"', "mail.reply_to: 'größe@hair.example.org' cannot be mailed"),
        ('"editor@hair.example.org"', '"editor@bücher.example"', "a domain written like xn--"),
        ('"editor@hair.example.org"', '"Ed <e@x.example>\\nBcc: all@x.example"', "is no mailbox"),
        ('"outbox"', '"smtp"', 'mail: provider "smtp" needs a section [mail.smtp]'),
        ('"Fri 08:00"', '"Friday at 8"', "'Friday at 8' is no schedule; write it like \"Fri 08:00\""),
        ('language = "en"', 'language = "english"', "site.language: 'english' is no language; write it like de or pt-BR"),
        ("[newsletters.weekly]", "[newsletters.Weekly]", "newsletters.Weekly: has characters that are not allowed here"),
        ('"Fri 08:00"', '"Fri 08:00"\nmin_articles = 20', "min_articles (20) is more than max_articles (10)"),
        (
            '"Fri 08:00"',
            '"Fri 08:00"\nlead = "oldest"',
            '\'oldest\' is no rule for the lead article; there are "newest", "longest" and',
        ),
        ('"Fri 08:00"', '"Fri 08:00"\nlead = "topic: "', "'topic: ' is no rule for the lead article"),
        ('"Fri 08:00"', '"Fri 08:00"\nutm = { term = "hair" }', "newsletters.weekly.utm.term: unknown key; known here: source, "),
        ('"Fri 08:00"', '"Fri 08:00"\nutm = { source = "{reader}" }', "{reader} is unknown; there are {newsletter}, {number}"),
        ("[store]", 'category_url = "https://a.example/{name}"\n[store]', "must hold {slug} once, in place of the category's name"),
        ("[store]", 'category_url = "{slug}"\n[store]', "site.category_url: '{slug}' is no web address"),
    ],
)
def test_a_fault_says_what_is_wrong_and_what_to_write(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in CONFIG
    found = faults(tmp_path, CONFIG.replace(old, new))
    assert any(said in fault for fault in found), found


def test_a_file_that_is_not_there_is_named_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: there is no such file; 'hairfeed init' writes one"):
        load_settings(tmp_path / "nowhere.toml", {})


def test_a_file_that_is_no_text_and_a_folder_are_named_with_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'[site]\ntitle = "Caf\xe9"\n')
    with pytest.raises(SettingsError, match=r"latin\.toml: is not in UTF-8 \(byte 19\); save it as UTF-8"):
        load_settings(tmp_path / "latin.toml", {})
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path, {})


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "[site]\ntitle = \n")
    assert "hairfeed.toml" in fault
    assert "line 2" in fault


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, HAIRFEED_SITE__TITLE="Another", HAIRFEED_MAIL__FROM="x@example.org", HAIRFEED_FEEDS__ITEMS="7")
    assert (settings.site.title, settings.mail.from_, settings.feeds.items) == ("Another", "x@example.org", 7)


def test_a_section_may_stand_in_the_environment_alone(tmp_path: Path) -> None:
    settings = load(tmp_path, HAIRFEED_MAIL__PROVIDER="resend", HAIRFEED_MAIL__RESEND__KEY="re_secret")
    assert settings.mail.resend is not None
    assert settings.mail.resend.key == "re_secret"


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, PATH="/bin", HAIRFEED_CONFIG="x", OTHER__SITE__TITLE="x") == load(tmp_path)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("  s3cret\n", encoding="utf-8")
    settings = load(tmp_path, CONFIG + SMTP, HAIRFEED_MAIL__SMTP__PASSWORD_FILE=str(secret))
    assert settings.mail.smtp is not None
    assert settings.mail.smtp.password == "s3cret"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HAIRFEED_MAIL__SMTP__PASSWORD_FILE", "/no/such/file", "cannot read the file it names"),
        ("HAIRFEED_SITE__TITLE__MORE", "x", "the config has no such section"),
    ],
)
def test_a_faulty_variable_is_named_beside_the_faults_of_the_file(tmp_path: Path, variable: str, value: str, said: str) -> None:
    found = faults(tmp_path, CONFIG.replace("lock_timeout", "lock_timout") + SMTP, **{variable: value})
    assert found[0].startswith(f"environment {variable}: {said}")
    assert "lock_timout" in found[1]


SECRETS = {"HAIRFEED_MAIL__SMTP__PASSWORD": "s3cret-one", "HAIRFEED_MAIL__RESEND__KEY": "s3cret-two"}


def test_secrets_are_not_in_the_settings_words(tmp_path: Path) -> None:
    settings = load(tmp_path, CONFIG + SMTP, **SECRETS)
    assert settings.mail.smtp is not None
    assert settings.mail.smtp.password == "s3cret-one"
    assert "s3cret" not in repr(settings) + str(settings)


def test_secrets_are_not_in_a_faults_words(tmp_path: Path) -> None:
    found = faults(tmp_path, CONFIG.replace("lock_timeout", "lock_timout") + SMTP, HAIRFEED_MAIL__RESEND__TIMEOUT="0", **SECRETS)
    assert "s3cret" not in "\n".join(found)


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, HAIRFEED_MAIL__RESEND__KEY="s3cret\u20ac")
    assert "mail.resend.key: has characters that are not allowed here" in fault
    assert "s3cret" not in fault


def test_relative_paths_start_at_the_configs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site" / "config"
    folder.mkdir(parents=True)
    path = written(folder, CONFIG)
    monkeypatch.chdir(tmp_path)
    for named in (path, path.relative_to(tmp_path)):
        settings = load_settings(named, {})
        assert settings.feeds.directory == tmp_path / "site" / "public"
        assert settings.sources["articles"].location == str(tmp_path / "site" / "articles")
        assert settings.store.url == f"sqlite:///{tmp_path / 'site' / 'hairfeed.db'}"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    settings = load(tmp_path, CONFIG.replace('"../public"', '"/srv/public"'))
    assert settings.feeds.directory == Path("/srv/public")


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(tmp_path).site.title = "Another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("podcast", "said"),
    [
        ('image = "https://a.example/c.jpg"\nexplicit = false\ncategory = "Hair"', "category 'Hair' is unknown; there are Arts, "),
        (
            'image = "https://a.example/c.jpg"\nexplicit = false\ncategory = "Arts"\nsubcategory = "Fitness"',
            "subcategory 'Fitness' is unknown; of Arts there are Books, ",
        ),
        (
            'image = "cover.svg"\nexplicit = false\ncategory = "Arts"',
            "feeds.podcast.image: has characters that are not allowed here",
        ),
        ('image = "https://a.example/c.jpg"\ncategory = "Arts"', "feeds.podcast.explicit: is missing"),
    ],
)
def test_a_podcast_that_directories_would_refuse_is_refused(tmp_path: Path, podcast: str, said: str) -> None:
    found = faults(tmp_path, CONFIG.replace("[newsletters", f"[feeds.podcast]\n{podcast}\n\n[newsletters", 1))
    assert len(found) == 1
    assert said in found[0]
