"""Readers of whom nothing is heard: asked once, kept by any sign of life, else retired; and nobody who was not really silent."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, update

from hairfeed.errors import SettingsError
from hairfeed.models.events import EventKind, MailEvent
from hairfeed.models.movements import Movement
from hairfeed.models.subscribers import SubscriptionState
from hairfeed.settings.newsletters import Inactive
from hairfeed.store import consents, events, movements, retention, silence, subscribers
from hairfeed.store.backup import mail_nothing_again
from hairfeed.store.schema.deliveries import letters
from hairfeed.store.schema.subscribers import subscriptions
from hairfeed.subscribers import hits
from hairfeed.subscribers.silence import MOST, is_silent
from tests.conftest import FRIDAY, NEXT_FRIDAY, Publication
from tests.subscribers.test_kill_hygiene import killed_everywhere
from tests.subscribers.test_machines import PHONE
from tests.test_cli import hairfeed
from tests.web.readers import READER, Letter, Readers

OTHER = "other@example.net"
WEEK = timedelta(days=7)
LAST_ISSUE = NEXT_FRIDAY + WEEK
ASKED = NEXT_FRIDAY + timedelta(days=31)
"""When who has not answered the first issue is asked."""
RETIRED = ASKED + timedelta(days=8)
RULE = "inactive = { ask_after_days = 30, retire_after_days = 7, least_issues = 2 }\n"
COUNTING = "tracking = true\n"


def two_issues(publication: Publication, rule: str, *subscribers: str) -> Publication:
    """The publication, of which two issues have gone out to its readers."""
    publication.configure("[newsletters.weekly]\n", f"[newsletters.weekly]\n{rule}")
    Readers(publication).close()
    publication.page("archive")
    publication.run(FRIDAY)
    publication.subscribe(*subscribers)
    publication.page("swimming", date="13-8-2024")
    publication.run(NEXT_FRIDAY)
    publication.page("washing", date="20-8-2024")
    publication.run(LAST_ISSUE)
    return publication


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    return two_issues(Publication(tmp_path_factory.mktemp("silence") / "publication"), COUNTING + RULE, READER, OTHER)


@pytest.fixture
def again(sent: Publication, tmp_path: Path) -> Callable[[], Publication]:
    """Makes copies of the publication."""
    numbers = count()

    return lambda: sent.copied(tmp_path / f"copy{next(numbers)}")


@pytest.fixture
def readers(again: Callable[[], Publication]) -> Iterator[Readers]:
    """An hour after the first issue went out; the other one leaves, so that there is one to look at."""
    found = Readers(again())
    found.now = LAST_ISSUE + timedelta(hours=1)
    found.post(found.unsubscribe_link(OTHER), {"List-Unsubscribe": "One-Click"})
    yield found
    found.close()


def at(readers: Readers, moment: datetime) -> tuple[int, int]:
    """How many a pass then asks, and how many it retires."""
    readers.now = moment
    done = readers.run().subscribers
    assert done.failures == ()
    return done.questions, done.retired


def question(readers: Readers) -> Letter:
    (mail,) = (mail for name, mail in readers.publication.mails().items() if name.startswith("stay-"))
    return Letter.of(mail)


def stay_link(readers: Readers) -> str:
    found = re.search(r"https?://\S+/s/\S+", question(readers).text)
    assert found is not None
    return found[0]


def press(readers: Readers) -> None:
    assert readers.post(readers.links().stay(readers.number(), "weekly"), {"action": "stay"}).status_code == 303


def hit(what: str, agent: str) -> Callable[[Readers], None]:
    def act(readers: Readers) -> None:
        (link,) = readers.links().track([readers.number()], 1)
        assert readers.get(link + what, headers={"user-agent": agent}).status_code in {200, 302}

    return act


def save_choices(readers: Readers) -> None:
    readers.post(readers.links().preferences(readers.number(), "weekly"), {"name": "Ann", "action": "save"})


SIGNS = {
    "an open": hit("0.gif", PHONE),
    "an open of Apple's privacy protection": hit("0.gif", "Mozilla/5.0"),
    "a click": hit("1", PHONE),
    "choices": save_choices,
}


def test_only_a_newsletter_that_counts_may_ask(publication: Publication) -> None:
    publication.configure("[newsletters.weekly]\n", f"[newsletters.weekly]\n{RULE}")
    with pytest.raises(SettingsError, match=r"newsletters\.weekly.*inactive needs tracking = true"):
        _ = publication.settings


@pytest.mark.parametrize(
    ("heard_of", "mailed", "expected"),
    [
        (0, (1, 8), True),
        (0, (1,), False),
        (0, (), False),
        (0, (20, 27), False),
        (2, (1, 8), False),
        (2, (1, 8, 9), True),
        (0, (11, 12), False),
        (0, (10, 12), True),
    ],
)
def test_silence_is_enough_mails_without_an_answer_for_long_enough(heard_of: int, mailed: tuple[int, ...], expected: bool) -> None:
    rule = Inactive.model_construct(ask_after_days=30, retire_after_days=7, least_issues=2)
    days = [FRIDAY + timedelta(days=number) for number in mailed]
    assert is_silent(FRIDAY + timedelta(days=heard_of), days, rule, FRIDAY + timedelta(days=40)) is expected


def test_who_is_silent_is_asked_once_and_then_retired(readers: Readers) -> None:
    assert at(readers, ASKED - timedelta(days=2)) == (0, 0)
    assert [at(readers, ASKED), at(readers, ASKED), at(readers, ASKED + timedelta(days=1))] == [(1, 0), (0, 0), (0, 0)]
    mail = question(readers)
    assert (mail.email, mail.subject) == (READER, "Do you still want Plain Hair Weekly?")
    assert "Without an answer your subscription ends after 23 September 2024." in " ".join(mail.text.split())
    assert "/u/" in mail.text
    assert readers.states() == {"weekly": SubscriptionState.CONFIRMED}
    assert [at(readers, RETIRED), at(readers, RETIRED + WEEK)] == [(0, 1), (0, 0)]
    assert readers.states() == {"weekly": SubscriptionState.UNSUBSCRIBED}
    shown = hairfeed("subscribers", "show", READER, "--config", str(readers.publication.config)).stdout
    assert "asked whether they stay 2024-09-16, did not answer" in shown
    assert "never mailed" not in shown


def test_days_tell_who_was_retired_and_add_up_also_when_made_anew(readers: Readers) -> None:
    at(readers, ASKED)
    at(readers, RETIRED)
    zone = readers.publication.settings.zone_of("weekly")
    with readers.ledger.write() as connection:
        days = movements.days(connection, "weekly", zone)
        assert (days[-1].day, days[-1].total, days[-1].moved) == (RETIRED.astimezone(zone).date(), 0, {Movement.RETIRED: 1})
        assert movements.readers(connection, "weekly") == 0
        movements.recount(connection, "weekly", zone)
        assert movements.days(connection, "weekly", zone)[-1] == days[-1]


@pytest.mark.parametrize("sign", SIGNS)
def test_nobody_is_asked_of_whom_anything_was_heard(readers: Readers, sign: str) -> None:
    SIGNS[sign](readers)
    assert at(readers, ASKED) == (0, 0)


@pytest.mark.parametrize("sign", [*SIGNS, "the button"])
def test_whatever_is_heard_after_the_question_keeps_a_reader(readers: Readers, sign: str) -> None:
    at(readers, ASKED)
    (SIGNS | {"the button": press})[sign](readers)
    assert [at(readers, RETIRED), at(readers, RETIRED + 20 * WEEK)] == [(0, 0), (0, 0)]
    assert readers.states() == {"weekly": SubscriptionState.CONFIRMED}


def test_a_hit_that_was_made_a_sum_still_counts_as_a_sign_of_life(readers: Readers) -> None:
    SIGNS["an open"](readers)
    with readers.ledger.write() as connection:
        assert hits.only_count_old(connection, readers.now + timedelta(days=91)) == 1
    assert at(readers, ASKED) == (0, 0)


def test_looking_at_the_page_changes_nothing_and_the_button_works_twice(readers: Readers) -> None:
    at(readers, ASKED)
    before = readers.rows()
    for _ in range(5):
        assert "Yes, I want to keep getting it" in readers.get(stay_link(readers)).text
        assert readers.client.head(stay_link(readers)).status_code == 200
    assert readers.post(stay_link(readers), {"action": "confirm"}).status_code == 400
    assert readers.rows() == before
    press(readers)
    after = readers.rows()
    press(readers)
    assert readers.rows() == after
    assert "You are subscribed" in readers.get(stay_link(readers)).text


def test_a_late_answer_brings_a_retired_reader_back_with_a_proof(readers: Readers) -> None:
    at(readers, ASKED)
    at(readers, RETIRED)
    readers.later(days=100)
    assert "Your subscription has ended because there was no answer." in readers.get(stay_link(readers)).text
    press(readers)
    press(readers)
    assert readers.states() == {"weekly": SubscriptionState.CONFIRMED}
    with readers.ledger.read() as connection:
        proofs = consents.consents_of(connection, readers.number())
    assert [(one.given_at, one.wording) for one in proofs][1:] == [(readers.now, "Yes, I want to keep getting it")]


@pytest.mark.parametrize("way", ["left", "suppressed", "erased"])
def test_the_button_brings_nobody_back_who_was_not_retired(readers: Readers, way: str) -> None:
    at(readers, ASKED)
    link = stay_link(readers)
    match way:
        case "left":
            readers.post(readers.unsubscribe_link(), {"action": "leave"})
        case "suppressed":
            at(readers, RETIRED)
            readers.suppress(READER)
        case "erased":
            readers.erase()
    readers.post(link, {"action": "stay"})
    assert SubscriptionState.CONFIRMED not in readers.states().values()
    assert "You get no newsletter of ours by this link." in readers.get(link).text


def let_the_question(readers: Readers, become: str) -> None:
    """Have that happen to the letter, and everything forgotten that prune forgets a day later."""
    with readers.ledger.write() as connection:
        question = connection.execute(select(letters.c.id, letters.c.key).where(letters.c.kind == "stay")).one()
        if become == "bounced":
            found = MailEvent("resend", "1", EventKind.SOFT_BOUNCE, ASKED, READER, question.key)
            events.keep(connection, [found], ASKED)
            events.work_off(connection, 1, 1, ASKED)
        else:
            # So that no pass settles it before the look at those who did not answer.
            values = {"state": become, "next_try_at": RETIRED + 10 * WEEK}
            connection.execute(update(letters).where(letters.c.id == question.id).values(values))
        retention.forget_letters(connection, ASKED + timedelta(days=1))
        retention.forget_events(connection, ASKED + timedelta(days=1))


@pytest.mark.parametrize("state", ["pending", "in_doubt"])
def test_nobody_is_retired_whose_question_may_still_arrive(readers: Readers, state: str) -> None:
    at(readers, ASKED)
    let_the_question(readers, state)
    assert at(readers, RETIRED) == (0, 0)


@pytest.mark.parametrize("fate", ["refused", "skipped", "bounced"])
def test_whom_the_question_did_not_reach_is_asked_again(readers: Readers, fate: str) -> None:
    at(readers, ASKED)
    let_the_question(readers, fate)
    assert at(readers, RETIRED - WEEK) == (0, 0)
    assert at(readers, RETIRED) == (1, 0)
    assert at(readers, RETIRED + timedelta(days=8)) == (0, 1)


def test_a_question_is_forgotten_once_it_is_answered_or_its_reader_retired(readers: Readers) -> None:
    at(readers, ASKED)
    with readers.ledger.write() as connection:
        assert retention.forget_letters(connection, RETIRED + WEEK) == 0
    assert at(readers, RETIRED) == (0, 1)
    with readers.ledger.write() as connection:
        assert retention.forget_letters(connection, RETIRED + WEEK) == 1


def test_a_look_that_is_not_through_goes_on_also_on_another_day(readers: Readers) -> None:
    today, tomorrow = ASKED.date(), ASKED.date() + timedelta(days=1)
    with readers.ledger.write() as connection:
        assert silence.where_to_seek(connection, "weekly", today) == 0
        silence.was_sought(connection, "weekly", today, 17)
        assert [silence.where_to_seek(connection, "weekly", day) for day in (today, tomorrow)] == [17, 17]
        silence.was_sought(connection, "weekly", tomorrow, None)
        assert [silence.where_to_seek(connection, "weekly", day) for day in (tomorrow, tomorrow + timedelta(days=1))] == [None, 0]


def test_nobody_was_silent_to_issues_that_were_not_counted(publication: Publication) -> None:
    two_issues(publication, "", READER)
    publication.configure("[newsletters.weekly]\n", f"[newsletters.weekly]\n{COUNTING}{RULE}")
    publication.page("drying", date="27-8-2024")
    publication.run(LAST_ISSUE + WEEK)
    assert publication.run(ASKED + WEEK).subscribers.questions == 0


def test_a_long_list_is_asked_over_several_passes(publication: Publication) -> None:
    two_issues(publication, COUNTING + RULE, *(f"r{number}@example.net" for number in range(MOST + 3)))
    assert [publication.run(ASKED).subscribers.questions for _ in range(3)] == [MOST, 3, 0]


def test_a_kill_anywhere_asks_and_retires_once(again: Callable[[], Publication]) -> None:
    found = killed_everywhere(again, ASKED)
    assert found["letters"] == {("stay", READER): 1, ("stay", OTHER): 1}

    def asked() -> Publication:
        publication = again()
        publication.run(ASKED)
        return publication

    found = killed_everywhere(asked, RETIRED)
    assert found["states"] == dict.fromkeys([READER, OTHER], "unsubscribed")
    assert (found["days"][-1][1], found["days"][-1][2]) == (0, {Movement.RETIRED: 2})


def test_in_a_ledger_from_a_backup_silence_begins_anew(readers: Readers) -> None:
    at(readers, ASKED)
    with readers.ledger.write() as connection:
        mail_nothing_again(connection, RETIRED)
    assert [at(readers, RETIRED), at(readers, RETIRED + 2 * WEEK)] == [(0, 0), (0, 0)]
    assert readers.states() == {"weekly": SubscriptionState.CONFIRMED}


def test_the_proof_has_the_words_of_the_button_as_it_was_shown(readers: Readers) -> None:
    with readers.ledger.write() as connection:
        subscribers.choose(connection, readers.number(), "weekly", "", "de")
    at(readers, ASKED)
    at(readers, RETIRED)
    assert "Ja, ich möchte den Newsletter weiter bekommen" in readers.get(stay_link(readers)).text
    press(readers)
    with readers.ledger.read() as connection:
        assert consents.consents_of(connection, readers.number())[-1].wording == "Ja, ich möchte den Newsletter weiter bekommen"


def test_of_a_sign_of_life_only_the_day_is_kept(readers: Readers) -> None:
    SIGNS["a click"](readers)
    with readers.ledger.read() as connection:
        (day,) = connection.execute(select(subscriptions.c.active_on).where(subscriptions.c.active_on.is_not(None))).scalars()
    assert day == readers.now.astimezone(UTC).date()
