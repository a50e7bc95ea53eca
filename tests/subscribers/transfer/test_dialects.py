"""Lists as other programs export them, by the columns that their makers document; the readers are our own."""

import io
import zipfile

import pytest

from hairfeed.errors import ImportFileError
from hairfeed.models.imports import Row
from hairfeed.subscribers.transfer.parts import open_list
from hairfeed.subscribers.transfer.source import Asked, recognise, rows
from tests.subscribers.transfer.lists import CONFIRMED, PENDING, UNSUBSCRIBED, Lists, counted, mapped

MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,'
    "GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
MAILCHIMP_ROW = '{email},Ann,Bee,2,{optin},,{confirmed},,,,,,America/Chicago,,,"2024-03-01 10:00:00",1,a1b2,,'
MAILCHIMP_ZIP = {
    "subscribed_email_audience_export_0a1b.csv": [
        MAILCHIMP,
        MAILCHIMP_ROW.format(email="asked@example.com", optin='"2023-01-02 03:04:05"', confirmed='"2023-01-02 03:14:05"'),
        MAILCHIMP_ROW.format(email="brought@example.com", optin="", confirmed='"2023-01-02 03:14:05"'),
    ],
    "unsubscribed_email_audience_export_0a1b.csv": [
        f"{MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER",
        MAILCHIMP_ROW.format(email="left@example.com", optin="", confirmed='"2022-01-01 00:00:00"')
        + ',"2024-02-03 04:05:06",News,1,N,',
    ],
    "cleaned_email_audience_export_0a1b.csv": [
        f"{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID",
        MAILCHIMP_ROW.format(email="gone@example.com", optin="", confirmed='"2022-01-01 00:00:00"')
        + ',"2024-02-03 04:05:06",News,1',
    ],
    "nonsubscribed_email_audience_export_0a1b.csv": [
        MAILCHIMP,
        MAILCHIMP_ROW.format(email="buyer@example.com", optin="", confirmed=""),
    ],
}
LISTMONK = """uuid,email,name,attributes,status,created_at,updated_at
1b9d,ann@example.com,Ann,"{""city"": ""Ulm""}",enabled,2024-01-02 03:04:05.67891 +0000 UTC,2024-01-02 03:04:05.67891 +0000 UTC
2b9d,ben@example.com,Ben,{},disabled,2024-01-02 03:04:05 +0000 UTC,2024-01-02 03:04:05 +0000 UTC
3b9d,eve@example.com,Eve,{},blocklisted,2024-01-02 03:04:05 +0000 UTC,2024-01-02 03:04:05 +0000 UTC
"""
LISTMONK_JSON = """{"data": {"results": [
 {"id": 1, "email": "ann@example.com", "name": "Ann", "status": "enabled", "created_at": "2024-01-02T03:04:05Z", "lists": [
   {"name": "News", "optin": "double", "subscription_status": "confirmed"},
   {"name": "Old", "optin": "double", "subscription_status": "unconfirmed"}]},
 {"id": 2, "email": "ben@example.com", "name": "Ben", "status": "enabled", "created_at": "2024-01-02T03:04:05Z", "lists": [
   {"name": "News", "optin": "double", "subscription_status": "unsubscribed", "subscription_updated_at": "2024-02-02T00:00:00Z"}]},
 {"id": 3, "email": "cleo@example.com", "name": "Cleo", "status": "enabled", "created_at": "2024-01-02T03:04:05Z", "lists": [
   {"name": "News", "optin": "double", "subscription_status": "unconfirmed"}]},
 {"id": 4, "email": "dan@example.com", "name": "Dan", "status": "enabled", "created_at": "2024-01-02T03:04:05Z", "lists": [
   {"name": "News", "optin": "single", "subscription_status": "unconfirmed"}]},
 {"id": 5, "email": "eve@example.com", "name": "Eve", "status": "blocklisted", "created_at": "2024-01-02T03:04:05Z", "lists": [
   {"name": "News", "optin": "double", "subscription_status": "confirmed"}]}
], "total": 5, "per_page": 100, "page": 1}}"""
BUTTONDOWN = """id,creation_date,email_address,type,source,tags,notes,metadata,unsubscription_date
1,2024-01-02T03:04:05Z,ann@example.com,regular,organic,[],,{},
2,2024-01-02T03:04:05Z,ben@example.com,unsubscribed,import,[],,{},2024-02-02T00:00:00Z
3,2024-01-02T03:04:05Z,cleo@example.com,unactivated,form,[],,{},
4,2024-01-02T03:04:05Z,dan@example.com,premium,form,[],,{},
5,2024-01-02T03:04:05Z,eve@example.com,complained,form,[],,{},
6,2024-01-02T03:04:05Z,fay@example.com,undeliverable,form,[],,{},
7,2024-01-02T03:04:05Z,gus@example.com,removed,form,[],,{},
8,2024-01-02T03:04:05Z,hal@example.com,blocked,form,[],,{},
9,2024-01-02T03:04:05Z,ida@example.com,past_due,form,[],,{},
10,2024-01-02T03:04:05Z,joe@example.com,spammy,form,[],,{},
"""
GHOST = """id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers
65a,ann@example.com,Ann,,true,false,,2024-01-02T03:04:05.000Z,,,
65b,ben@example.com,Ben,,false,false,,2024-01-02T03:04:05.000Z,,,
65c,cleo@example.com,Cleo,,true,true,cus_1,2024-01-02T03:04:05.000Z,2024-03-02T03:04:05.000Z,,Gold
"""
SUBSTACK = """email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at
ann@example.com,false,,other,false,2024-01-02T03:04:05.000Z,
ben@example.com,true,2026-01-01,yearly,true,2024-01-02T03:04:05.000Z,2024-01-02T03:04:05.000Z
"""


def zipped(members: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def mailchimp() -> bytes:
    return zipped({name: "\n".join(lines) + "\n" for name, lines in MAILCHIMP_ZIP.items()})


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (mailchimp(), "export.zip", ["mailchimp"] * 4),
        (LISTMONK, "subscribers.csv", ["listmonk"]),
        (LISTMONK_JSON, "subscribers.json", ["listmonk-lists"]),
        (BUTTONDOWN, "buttondown.csv", ["buttondown"]),
        (GHOST, "members.csv", ["ghost"]),
        (SUBSTACK, "email_list.csv", ["substack"]),
        (
            zipped({"email_list.plain.csv": SUBSTACK, "posts.csv": "post_id\n", "posts/1.delivers.csv": "email\n"}),
            "e.zip",
            ["substack"],
        ),
        ("E-Mail;Name\nann@example.com;Ann\n", "members.csv", ["csv"]),
    ],
)
def test_a_list_is_known_by_its_columns(lists: Lists, content: str | bytes, name: str, expected: list[str]) -> None:
    assert [part.dialect for part in recognise(open_list(lists.file(content, name), None), Asked())] == expected


def test_mailchimp_has_a_file_for_each_state_and_a_proof_for_those_who_asked(lists: Lists) -> None:
    outcome = lists.take_in(mailchimp(), name="export.zip")
    assert lists.states() == {"asked@example.com": CONFIRMED, "brought@example.com": PENDING, "left@example.com": UNSUBSCRIBED}
    assert lists.never("gone@example.com") == "bounced, says export.zip"
    assert [(row.part, row.reason) for row in outcome.refused] == [
        ("nonsubscribed_email_audience_export_0a1b.csv", "never subscribed to a newsletter")
    ]
    assert "2023-01-02T03:14:05+00:00,Mailchimp," in lists.export()
    assert "asked@example.com,Ann Bee,weekly,confirmed,,,America/Chicago," in lists.export()
    assert "2024-02-03T04:05:06+00:00" in lists.export()


def test_one_file_of_mailchimp_is_known_without_its_name(lists: Lists) -> None:
    for name in ("unsubscribed", "cleaned"):
        (content,) = (lines for file, lines in MAILCHIMP_ZIP.items() if file.startswith(name))
        lists.take_in("\n".join(content), name=f"{name[0]}.csv")
    assert lists.states() == {"left@example.com": UNSUBSCRIBED}
    assert lists.never("gone@example.com") is not None


@pytest.mark.parametrize(("consent", "expected"), [(None, PENDING), ("Double opt-in at listmonk.", CONFIRMED)])
def test_listmonks_table_says_who_is_enabled_and_not_who_has_confirmed(lists: Lists, consent: str | None, expected: str) -> None:
    lists.take_in(LISTMONK, consent=consent)
    assert lists.states() == {"ann@example.com": expected, "ben@example.com": UNSUBSCRIBED}
    assert lists.never("eve@example.com") == "blocklisted, says readers.csv"


def test_listmonks_lists_are_newsletters_as_said(lists: Lists) -> None:
    outcome = lists.take_in(LISTMONK_JSON, name="all.json", lists={"News": "weekly", "Old": ""}, consent="Opt-in at listmonk.")
    assert lists.states() == {
        "ann@example.com": CONFIRMED,
        "ben@example.com": UNSUBSCRIBED,
        "cleo@example.com": PENDING,
        "dan@example.com": CONFIRMED,
    }
    assert lists.never("eve@example.com") == "blocklisted, says all.json"
    assert counted(outcome) == {"new": 4, "suppressions": 1}


def test_a_list_of_which_nothing_was_said_brings_nobody(lists: Lists) -> None:
    outcome = lists.take_in(LISTMONK_JSON, lists={"News": "weekly"})
    assert [row.detail for row in outcome.refused] == ["Old"]


def test_buttondown_has_types(lists: Lists) -> None:
    outcome = lists.take_in(BUTTONDOWN, consent="Double opt-in at Buttondown.")
    assert lists.states() == {
        "ann@example.com": CONFIRMED,
        "ben@example.com": UNSUBSCRIBED,
        "cleo@example.com": PENDING,
        "dan@example.com": CONFIRMED,
        "ida@example.com": CONFIRMED,
    }
    reasons = {email: lists.never(f"{email}@example.com") for email in ("eve", "fay", "gus", "hal")}
    says = "says readers.csv"
    assert reasons == {"eve": f"complaint, {says}", "fay": f"bounced, {says}", "gus": f"blocklisted, {says}", "hal": None}
    assert counted(outcome) == {"new": 5, "suppressions": 3, "refused": 2}


def test_ghost_says_who_gets_mails(lists: Lists) -> None:
    lists.take_in(GHOST, consent="Members of our site.")
    assert lists.states() == {"ann@example.com": CONFIRMED, "ben@example.com": UNSUBSCRIBED, "cleo@example.com": UNSUBSCRIBED}


def test_substack_says_who_has_switched_mails_off(lists: Lists) -> None:
    lists.take_in(SUBSTACK, consent="Subscribers at Substack.")
    assert lists.states() == {"ann@example.com": CONFIRMED, "ben@example.com": UNSUBSCRIBED}


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("E-Mail,Name", "a@b.example,Ann", Row("a@b.example", "Ann")),
        ("e_mail,Full Name", "a@b.example,Ann", Row("a@b.example", "Ann")),
        ("E-Mail-Adresse,Vorname,Nachname", "a@b.example,Ann,Bee", Row("a@b.example", "Ann Bee")),
        ("Correo electrónico,Estado", "a@b.example,baja", Row("a@b.example", " ", state="baja")),
        ("Adresse e-mail,Prénom", "a@b.example,Zoé", Row("a@b.example", "Zoé ")),
        (
            "EMAIL,confirmed_at,IP address",
            "a@b.example,2024-01-02,::1",
            Row("a@b.example", " ", confirmed_at="2024-01-02"),
        ),
    ],
)
def test_columns_of_a_table_are_told_by_their_names(lists: Lists, header: str, cells: str, expected: Row) -> None:
    ((_, found),) = rows(open_list(lists.file(f"{header}\n{cells}\n"), None), Asked())
    assert isinstance(found, Row)
    assert (found.email, found.name, found.state, found.confirmed_at) == (
        expected.email,
        expected.name,
        expected.state,
        expected.confirmed_at,
    )


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("unsubscribed_at", "2024-02-02", UNSUBSCRIBED),
        ("state,unsubscribed_at", "active,2024-02-02", UNSUBSCRIBED),
        ("status,Unsubscribed", "active,true", UNSUBSCRIBED),
        ("opted-out", "1", UNSUBSCRIBED),
        ("state,unsubscribed_at", "active,", CONFIRMED),
        ("unsubscribed", "no", CONFIRMED),
        ("state,unsubscribed_at", "complained,2024-02-02", None),
    ],
)
def test_who_has_left_by_any_column_has_left(lists: Lists, header: str, cells: str, expected: str | None) -> None:
    lists.take_in(f"email,{header}\nann@example.com,{cells}\n", consent="On paper.")
    assert lists.states().get("ann@example.com") == expected
    assert (lists.never("ann@example.com") is None) == (expected is not None)


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("Contact;Who\nann@example.com;Ann\n", {"email": "Contact", "name": "Who"}),
        ("Contact;Who\nann@example.com;Ann\n", {"email": "1", "name": "who"}),
        ("ann@example.com;Ann\n", {"email": "1", "name": "2"}),
    ],
)
def test_columns_are_told_by_a_map(lists: Lists, content: str, columns: dict[str, str]) -> None:
    ((_, found),) = rows(open_list(lists.file(content), None), mapped(**columns))
    assert found == Row("ann@example.com", "Ann")


@pytest.mark.parametrize(
    ("content", "asked", "said"),
    [
        ("Name,City\nAnn,Ulm\n", Asked(), "readers.csv: which column has the addresses\\? There are: Name, City"),
        ("ann@example.com,Ann\n", Asked(), "has no header"),
        ("Name\nAnn\n", mapped(email="Mail"), "there is no column 'Mail'; there are Name"),
        ("Name\nAnn\n", mapped(mail="Name"), "there is no field 'mail'; there are email, name"),
        ("email\nann@example.com\n", Asked("ghost"), "is no list of Ghost: that has columns createdat, email, subscribedtoemails"),
        ("\n\n", Asked(), "is empty"),
        ('"email\n', Asked(), "a quotation mark is not closed"),
    ],
)
def test_a_table_that_is_not_understood_is_refused_in_words(lists: Lists, content: str, asked: Asked, said: str) -> None:
    with pytest.raises(ImportFileError, match=said):
        recognise(open_list(lists.file(content), None), asked)
