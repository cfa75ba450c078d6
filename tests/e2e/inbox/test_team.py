"""Two operators at once: who takes it, who sees what, offline and back, drafts, corrections."""

from playwright.sync_api import expect

from tests.e2e.api_visitor import ApiVisitor
from tests.e2e.cable import Cable
from tests.e2e.inbox.desk import Team, button, editor, opens, toast, whose
from tests.e2e.people import Operator, hurry
from tests.e2e.product import Product


def test_one_of_two_gets_the_conversation(owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str) -> None:
    """Who reaches too late is told who has it; taking it from a colleague needs the button that says so."""
    cable = Cable(colleague.page)
    visitor.starts("Can you help me?", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    cable.deafen()
    button(owner, "Assign to me").click()
    whose(owner, "Yours")
    button(colleague, "Assign to me").click()
    expect(toast(colleague)).to_contain_text("Nino Kapanadze has taken this conversation.")
    cable.hear()
    whose(colleague, "With Nino Kapanadze")
    button(colleague, "Take over").click()
    whose(colleague, "Yours")
    whose(owner, "With Luka Beridze")
    expect(colleague.row(name)).to_be_visible()
    colleague.goes_to("You")
    expect(colleague.row(name)).to_be_visible()
    owner.goes_to("You")
    expect(owner.row(name)).to_have_count(0)


def test_a_transfer_by_keyboard(owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("Is anybody there?", name=name)
    opens(owner, visitor)
    opens(colleague, visitor, section="you")
    owner.page.keyboard.press("t")
    field = owner.page.get_by_role("combobox", name="Transfer to")
    expect(field).to_be_focused()
    field.press_sequentially("luka")
    expect(owner.page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    expect(toast(owner)).to_contain_text("Given to Luka Beridze")
    whose(owner, "With Luka Beridze")
    expect(colleague.row(name)).to_be_visible()


def test_both_see_the_answer_and_who_writes_it(
    owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str
) -> None:
    visitor.starts("Do you ship to Batumi?", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    editor(owner).press_sequentially("We do")
    hint = colleague.page.get_by_text("Nino Kapanadze is writing here, too")
    expect(hint).to_be_visible()
    editor(owner).press("Enter")
    colleague.sees("We do")
    expect(hint).to_have_count(0)
    assert visitor.words() == ["Do you ship to Batumi?", "We do"]
    visitor.says("Wonderful")
    owner.sees("Wonderful")
    colleague.sees("Wonderful")


def test_a_note_reaches_the_team_alone(owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("May I return it?", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    owner.notes("Third return this month")
    colleague.sees("Third return this month")
    expect(colleague.log.get_by_text("only your team sees it")).to_be_visible()
    assert visitor.words() == ["May I return it?"]


def test_offline_and_back(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    """What is written without a line is kept over a reload, goes out once and in order; what was missed comes."""
    cable = Cable(owner.page)
    visitor.starts("Hello?", name=name)
    opens(owner, visitor)
    cable.cut()
    expect(owner.page.get_by_text("Offline since")).to_be_visible()
    owner.says("First, from the train")
    owner.says("Second, from the train")
    expect(owner.log.get_by_text("Not sent yet.")).to_have_count(2)
    visitor.says("Still waiting")
    owner.page.reload()
    expect(owner.page.get_by_text("Offline since")).to_be_visible()
    cable.mend()
    hurry(button(owner, "Try now"))
    owner.sees("Still waiting")
    owner.sees("Second, from the train")
    expect(owner.log.get_by_text("Not sent yet.")).to_have_count(0)
    assert visitor.words() == ["Hello?", "Still waiting", "First, from the train", "Second, from the train"]
    expect(owner.page.get_by_text("Offline since")).to_have_count(0)


def test_the_open_thread_stays_while_the_list_sorts_anew(
    owner: Operator, visitor: ApiVisitor, name: str, product: Product, team: Team
) -> None:
    other = ApiVisitor(product, team.demo["public_key"])
    other.starts("I came first", name=f"Other {name}")
    visitor.starts("I came second", name=name)
    opens(owner, visitor)
    rows = owner.page.get_by_role("region", name="Inbox").get_by_role("listitem")
    expect(rows.first).to_contain_text("I came second")
    editor(owner).fill("Half a sent")
    other.says("And again")
    expect(rows.first).to_contain_text("And again")
    expect(editor(owner)).to_be_focused()
    expect(editor(owner)).to_have_value("Half a sent")
    expect(owner.page.get_by_role("heading", name=name, exact=True).first).to_be_visible()
    assert visitor.conversation in owner.page.url


def test_drafts_stay_with_their_thread(
    owner: Operator, visitor: ApiVisitor, name: str, product: Product, team: Team
) -> None:
    other = ApiVisitor(product, team.demo["public_key"])
    other.starts("One", name=f"Other {name}")
    visitor.starts("Two", name=name)
    opens(owner, visitor)
    editor(owner).fill("A reply in the making")
    button(owner, "Note").click()
    editor(owner).fill("A note in the making")
    owner.row(f"Other {name}").click()
    expect(editor(owner)).to_have_value("")
    expect(owner.row(name).filter(has_text="Two").get_by_text("Draft")).to_be_visible()
    owner.page.reload()
    opens(owner, visitor)
    expect(editor(owner)).to_have_value("A reply in the making")
    button(owner, "Note").click()
    expect(editor(owner)).to_have_value("A note in the making")


def test_closed_undone_spam_and_back(owner: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("That was all", name=name)
    opens(owner, visitor)
    expect(owner.row(name)).to_be_visible()
    owner.page.keyboard.press("e")
    expect(toast(owner)).to_contain_text("Conversation closed")
    expect(owner.row(name)).to_have_count(0)
    expect(owner.page.get_by_text("This conversation is closed.")).to_be_visible()
    button(owner, "Undo").click()
    expect(owner.row(name)).to_be_visible()
    button(owner, "More actions").click()
    owner.page.get_by_role("menuitem", name="Mark as spam").click()
    expect(owner.row(name)).to_have_count(0)
    owner.goes_to("Spam")
    expect(owner.row(name)).to_be_visible()
    button(owner, "Not spam").first.click()
    expect(owner.row(name)).to_have_count(0)
    owner.goes_to("Open")
    expect(owner.row(name)).to_be_visible()


def test_a_correction_and_a_deletion(owner: Operator, colleague: Operator, visitor: ApiVisitor, name: str) -> None:
    visitor.starts("What does it cost?", name=name)
    opens(owner, visitor)
    opens(colleague, visitor)
    owner.says("1,290 pounds")
    actions = button(owner, "Message actions")
    actions.click()
    owner.page.get_by_role("menuitem", name="Edit").click()
    correction = owner.page.get_by_role("textbox", name="Edit your message")
    expect(correction).to_have_value("1,290 pounds")
    correction.fill("1,290 euros")
    correction.press("Enter")
    colleague.sees("1,290 euros")
    expect(colleague.log).to_contain_text("Edited")
    expect(button(colleague, "Message actions")).to_have_count(0)
    actions.click()
    owner.page.get_by_role("menuitem", name="Delete").click()
    owner.page.get_by_role("dialog", name="Delete this message?").get_by_role("button", name="Delete").click()
    colleague.sees("This message was deleted")
    assert visitor.words() == ["What does it cost?", ""]
