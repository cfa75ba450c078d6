"""How somebody becomes a Client: sign-up, organization, widget; each by the pages that everybody uses."""

import re

from playwright.sync_api import Page

from tests.e2e.product import Product, link_in

PASSWORD = "nine blue kettles on a shelf"


def sign_up(page: Page, product: Product, *, name: str, address: str) -> None:
    """Sign up and confirm the address by the link in the mail."""
    page.goto(f"{product.site}/")
    page.get_by_role("link", name=re.compile("Start free|Sign up|Create an account")).first.click()
    fill_in(page, name=name, address=address)
    mail = product.mail_to(address, containing="confirm-email")
    page.goto(link_in(mail))
    page.get_by_role("button", name="Yes, confirm").click()


def fill_in(page: Page, *, name: str, address: str) -> None:
    """Fill in and send the sign-up form that is open; a mail is on its way then."""
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Work e-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label(re.compile("18 or older")).check()
    page.get_by_role("button", name="Create an account").click()


def create_organization(page: Page, name: str) -> None:
    """Name the first organization, right after the sign-up."""
    page.get_by_label("Name of your organization").fill(name)
    page.get_by_role("button", name="Create the organization").click()


def install_widget(page: Page, product: Product, origin: str) -> str:
    """Create a widget for one site and return the snippet of its install page, which stays open."""
    page.goto(f"{product.site}/widgets/")
    page.get_by_role("link", name="New widget").first.click()
    page.get_by_label("Name").fill("Kettle shop")
    page.get_by_label("Your site").fill(origin)
    page.get_by_role("button", name="Create").click()
    return page.get_by_label("Snippet", exact=True).inner_text()
