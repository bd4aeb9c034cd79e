"""How often one visitor may do what costs the carrier or a customer something.

Customers of a mobile carrier share addresses by the thousand, so what is allowed from one address is generous: it stops
programs, not neighbours. What is allowed for one phone number is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from shouwen.portal.models import VisitCount

AN_HOUR = {
    "submit": 60,  # complaints from one address
    "phone": 6,  # complaints with one phone number
    "ask": 60,  # codes asked for from one address
    "mailbox": 3,  # codes to one e-mail address
    "try": 120,  # codes and slips tried from one address
    "write": 30,  # additions and ratings on one ticket
    "file": 60,  # files on one ticket
    "guide": 60,  # ends of guides from one address that are counted
}
KEPT_FOR = timedelta(days=1)

COUNT = """
    INSERT INTO portal_visits (deed, visitor, hour, times) VALUES (%s, %s, %s, 1)
    ON CONFLICT (deed, visitor, hour) DO UPDATE SET times = portal_visits.times + 1
    RETURNING times
"""


class TooOften(Exception):
    """Somebody did the same thing too often this hour."""


def count(deed: str, visitor: str, *, at: datetime) -> None:
    """Count one deed of one visitor, in the hour it happens. Raises TooOften."""
    who = salted_hmac("shouwen.portal.limits", visitor, algorithm="sha256").digest()[:16]
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [deed, who, hour])
        [times] = cursor.fetchone()
    if times == 1:
        VisitCount.objects.filter(hour__lt=at - KEPT_FOR).delete()
    if times > AN_HOUR[deed]:
        raise TooOften
