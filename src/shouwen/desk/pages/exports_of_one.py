"""Taking away all that is shown of one customer or of one ticket: for what is asked, and written down under them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from shouwen.desk.pages.customer import CustomerPage
from shouwen.desk.pages.exports import HandingOut, Taken
from shouwen.desk.pages.ticket import TicketPage
from shouwen.desk.sheet import sheet_of
from shouwen.desk.tables_of_one import customer_leaves, ticket_leaves
from shouwen.desk.whole import whole_of
from shouwen.service_levels.explaining import ledger_of
from shouwen.service_levels.ledgers import in_words, reader_of


class CustomerExport(HandingOut, CustomerPage):
    """What is known of a customer, and their complaints."""

    def taken(self, **where: Any) -> Taken:
        whole = whole_of(self.actor, where["customer"], self.at)
        return Taken(_("Customer"), self.address, customer_leaves(whole, self.actor), of=whole.customer.pk)


class TicketExport(HandingOut, TicketPage):
    """The panes of a ticket that are tables."""

    def taken(self, **where: Any) -> Taken:
        sheet = sheet_of(self.actor, where["number"], self.at)
        ledger = ledger_of(sheet.ticket, self.at)
        reader = reader_of(ledger)
        leaves = ticket_leaves(sheet, [in_words(one, reader) for one in ledger.clocks])
        return Taken(sheet.ticket.number, sheet.ticket.number, leaves, of=sheet.ticket.customer_id)
