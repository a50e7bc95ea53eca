"""The compose stage: reads newsletters' clocks and waiting articles; writes issues with their renderings."""

from datetime import datetime
from typing import TYPE_CHECKING

from hairfeed.digest.hour import look_at_hour, settle_hour
from hairfeed.errors import IssueError, TemplateError
from hairfeed.models.issues import ComposedIssue, IssueState
from hairfeed.models.reports import ComposeReport, Problem, Watch
from hairfeed.settings import Settings
from hairfeed.store import articles, issues
from hairfeed.store.database import Ledger
from hairfeed.text.slugs import slug

# What issues are made with is loaded by who makes one: most passes do not.
if TYPE_CHECKING:
    from hairfeed.digest.fit import Renderer
    from hairfeed.digest.material import Material
    from hairfeed.digest.plan import Plan


def compose(ledger: Ledger, settings: Settings, now: datetime, watch: Watch, renderer: "Renderer | None" = None) -> ComposeReport:
    """Compose an issue of every newsletter that is due and has something to say; it is free to be sent, or a draft.

    `renderer` is made of the operator's templates unless it is given.
    """
    composed, nothing_new, waiting = [], [], []
    warnings: list[Problem] = []
    failures: list[Problem] = []
    for done, (name, newsletter) in enumerate(settings.newsletters.items()):
        watch.step("Composing", done, len(settings.newsletters))
        with ledger.write() as connection:
            hour, passed_over = settle_hour(connection, settings, name, now)
            issues.start_topics(connection, name, set(map(slug, newsletter.topics)), now)
            draft_waits = issues.has_draft(connection, name)
        warnings += passed_over
        if hour.due_at is None:
            if draft_waits:
                waiting.append(name)
            continue
        from hairfeed.digest.material import read_material
        from hairfeed.digest.plan import make_plan

        with ledger.read() as connection:
            material = read_material(connection, settings, name, now, hour)
        try:
            plan = make_plan(material, settings, renderer or templates(settings))
        except TemplateError as error:
            failures.append(Problem(f"newsletter {name}", f"{error}; the issue waits until this is mended"))
            continue
        if plan is None:
            _pass_over(ledger, material)
            nothing_new.append(name)
        elif (state := _save(ledger, material, plan, now)) is not None:
            composed.append(_composed(plan, material, state))
            warnings += plan.warnings
    return ComposeReport(
        composed=tuple(composed),
        nothing_new=tuple(nothing_new),
        waiting=tuple(waiting),
        warnings=tuple(warnings),
        failures=tuple(failures),
    )


def next_issue(ledger: Ledger, settings: Settings, name: str, now: datetime) -> "tuple[Material, Plan | None]":
    """The newsletter's next issue as it would be now, and what it is made from; nothing is changed.

    Raises:
        TemplateError: a template is faulty, or the issue cannot be made to fit.
    """
    from hairfeed.digest.material import read_material
    from hairfeed.digest.plan import make_plan

    with ledger.read() as connection:
        material = read_material(connection, settings, name, now, look_at_hour(connection, settings, name, now))
    return material, make_plan(material, settings, templates(settings)) if material.choice.featured else None


def approve(ledger: Ledger, settings: Settings, name: str, plan_hash: str, now: datetime) -> "Plan":
    """Let the draft that waits be sent as the plan with this hash has it; the next pass sends it.

    Raises:
        IssueError: no draft waits, or the plan is another one by now; the message says what has changed.
        TemplateError: a template is faulty, or the issue cannot be made to fit.
    """
    from hairfeed.digest.plan import differences

    material, plan = next_issue(ledger, settings, name, now)
    draft, look = material.draft, f"look at it again: hairfeed issues plan {name}"
    if draft is None:
        raise IssueError(f"{name}: no issue waits for approval; 'hairfeed issues plan {name}' tells when the next is due")
    if plan is None:
        raise IssueError(f"{name} {draft.number}: nothing is left of it; 'hairfeed issues cancel {name} {draft.number}' ends it")
    if plan.hash != plan_hash:
        changes = "; ".join(differences(draft, plan)) or "it names an older plan, or none"
        raise IssueError(f"{name} {plan.number}: {plan_hash} is not the plan as it is now: {changes}; {look}")
    with ledger.write() as connection:
        unchanged = articles.newest_revision(connection) == material.revision
        if not unchanged or not issues.save(connection, plan.as_issue(), IssueState.APPROVED, now, replaces=draft.id):
            raise IssueError(f"{name} {plan.number}: was changed at this very moment; {look}")
    return plan


def templates(settings: Settings) -> "Renderer":
    """What gives issues their form."""
    # Only who has an issue to compose pays for the template and CSS libraries.
    from hairfeed.digest.render import Templates

    return Templates(settings.site.templates, settings.look)


def _pass_over(ledger: Ledger, material: "Material") -> None:
    """Note that the newsletter was due with too little to say; a draft that has lost all its articles is at its end."""
    if material.due_at is None:
        return
    with ledger.write() as connection:
        issues.pass_over(connection, material.name, material.due_at)
        if material.draft and not material.waiting:
            issues.cancel(connection, material.draft.id)


def _save(ledger: Ledger, material: "Material", plan: "Plan", now: datetime) -> IssueState | None:
    """The state in which the issue is in the ledger now; None when its draft was approved or cancelled meanwhile."""
    state = IssueState.DRAFT if material.newsletter.mode == "review" else IssueState.APPROVED
    with ledger.write() as connection:
        saved = issues.save(connection, plan.as_issue(), state, now, replaces=material.draft.id if material.draft else None)
    return state if saved else None


def _composed(plan: "Plan", material: "Material", state: IssueState) -> ComposedIssue:
    return ComposedIssue(
        newsletter=plan.newsletter,
        number=plan.number,
        subject=plan.variants[0].subject,
        featured=len(material.choice.featured),
        also=len(material.choice.also) + len(material.choice.others),
        state=state,
        variants=len({(one.html, one.subject) for one in plan.variants if one.articles}),
        trimmed=plan.trimmed,
    )
