"""Where files may be pushed to, and what the config says of it."""

from pathlib import Path

import pytest

from hairfeed.settings.push import RsyncPush, S3Push
from tests.conftest import CONFIG
from tests.test_settings import faults, load

RSYNC = '\n[feeds.push.mirror]\ntype = "rsync"\ntarget = "{}"\n'
S3 = '\n[feeds.push.cdn]\ntype = "s3"\nbucket = "shelf"\n'


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("ann@example.com:/srv/feeds/", "ann@example.com:/srv/feeds/"),
        ("example.com:feeds", "example.com:feeds/"),
        ("mirror:", "mirror:"),
        ("[2001:db8::1]:/srv/feeds", "[2001:db8::1]:/srv/feeds/"),
        ("ann@example.com:~/public_html/feeds", "ann@example.com:~/public_html/feeds/"),
        ("rsync://example.com/feeds", "rsync://example.com/feeds/"),
        ("rsync://ann@example.com:8730/feeds/news/", "rsync://ann@example.com:8730/feeds/news/"),
    ],
)
def test_rsync_goes_to_a_folder_of_a_machine_or_to_a_module(tmp_path: Path, written: str, place: str) -> None:
    target = load(tmp_path, CONFIG + RSYNC.format(written)).feeds.push["mirror"]
    assert isinstance(target, RsyncPush)
    assert target.place == place


@pytest.mark.parametrize(
    "place",
    [
        "",
        "/srv/feeds",
        "feeds",
        "-e sh:/srv",
        "-oProxyCommand=sh:/srv",
        "ann@-oProxyCommand=sh:/srv",
        "example.com:/srv/$(sh)",
        "example.com:/srv/a b",
        "example.com:/srv/a;b",
        "example.com::module/x",
        "rsync://example.com",
        "rsync://example.com/",
        "rsync://example.com:port/feeds",
        "https://example.com/feeds",
    ],
)
def test_nothing_else_is_a_place_for_rsync(tmp_path: Path, place: str) -> None:
    (fault,) = faults(tmp_path, CONFIG + RSYNC.format(place))
    assert "feeds.push.mirror" in fault
    assert "is no place for rsync; write it like" in fault


def test_a_buckets_secrets_come_from_the_environment_and_are_shown_nowhere(tmp_path: Path) -> None:
    settings = load(tmp_path, CONFIG + S3, HAIRFEED_FEEDS__PUSH__CDN__KEY="s3cret-a", HAIRFEED_FEEDS__PUSH__CDN__SECRET="s3cret-b")
    target = settings.feeds.push["cdn"]
    assert isinstance(target, S3Push)
    assert (target.key, target.secret) == ("s3cret-a", "s3cret-b")
    assert "s3cret" not in repr(settings) + str(settings) + target.place


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (S3 + 'key = "one"\n', "key and secret come together"),
        (S3 + 'endpoint = "storage.example"\n', "has characters that are not allowed here"),
        (S3.replace("shelf", "a/b"), "has characters that are not allowed here"),
        (S3 + "buket = 1\n", "unknown key; did you mean bucket?"),
        (RSYNC.format("mirror:/srv") + 'password = "s3cret"\n', "password is for rsync:// alone"),
        (RSYNC.format("mirror:/srv") + "time_out = 1\n", "unknown key; did you mean timeout?"),
        (RSYNC.format("mirror:/srv") + "host = 1\n", "unknown key; known here: timeout, type, target, password"),
        (RSYNC.format("rsync://a/b") + 'password = "s3cret\\n"\n', "has characters that are not allowed here"),
    ],
)
def test_a_fault_names_its_section_and_shows_no_secret(tmp_path: Path, section: str, said: str) -> None:
    (fault,) = faults(tmp_path, CONFIG + section)
    assert "feeds.push." in fault
    assert said in fault
    assert "s3cret" not in fault


def test_another_prefix_or_endpoint_is_another_place() -> None:
    target = S3Push(type="s3", bucket="shelf", prefix="/feeds/")
    assert target.place == "s3://shelf/feeds"
    assert S3Push(type="s3", bucket="shelf", prefix="feeds", endpoint="https://storage.example").place != target.place


def test_a_hubs_address_keeps_its_slash_and_is_told_once(tmp_path: Path) -> None:
    hubs = '[feeds]\nhubs = ["https://hub.example/", "https://hub.example/", "https://other.example/hub"]'
    assert load(tmp_path, CONFIG.replace("[feeds]", hubs)).feeds.hubs == ("https://hub.example/", "https://other.example/hub")
