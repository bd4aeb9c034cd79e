"""What the pages of lists need."""

from __future__ import annotations

from django import template

from shouwen.desk.drawing import ticket_rows

register = template.Library()

register.simple_tag(ticket_rows, name="ticket_rows")
