"""The addresses of the desk."""

from django.urls import path

from shouwen.desk.pages import administration, calendars, notices, queues, search, ticket
from shouwen.desk.pages.moves import move_paths

app_name = "desk"

urlpatterns = [
    path("", queues.HomePage.as_view(), name="home"),
    path("queues", queues.HomePage.as_view()),
    path("queues/", queues.HomePage.as_view()),
    path("queues/<slug:code>", queues.QueuePage.as_view(), name="queue"),
    path("tasks", queues.TasksPage.as_view(), name="tasks"),
    path("tabs", queues.Tabs.as_view(), name="tabs"),
    path("search", search.SearchPage.as_view(), name="search"),
    path("notices", notices.NoticesPage.as_view(), name="notices"),
    path("notices/reading", notices.Reading.as_view(), name="all_read"),
    path("notices/<uuid:notice>", notices.NoticePage.as_view(), name="notice"),
    path("notices/<uuid:notice>/reading", notices.Reading.as_view(), name="read"),
    path("outbox", notices.OutboxPage.as_view(), name="outbox"),
    path("outbox/<uuid:order>/sending", notices.Sending.as_view(), name="send_again"),
    path("calendars", calendars.CalendarPage.as_view(), name="calendars"),
    path("calendars/holidays", calendars.HolidaysPage.as_view(), name="holidays"),
    path("calendars/<slug:name>", calendars.CalendarPage.as_view(), name="calendar"),
    path("administration", administration.AdministrationPage.as_view(), name="administration"),
    path("administration/keys", administration.KeysPage.as_view(), name="keys"),
    path("administration/keys/<uuid:key>/revocation", administration.Revocation.as_view(), name="revoke_key"),
    path("tickets/<str:number>", ticket.TicketPage.as_view(), name="ticket"),
    path("tickets/<str:number>/clocks/<str:rule>/<int:start_seq>", ticket.Why.as_view(), name="why"),
    path("tickets/<str:number>/ledger", ticket.LedgerPage.as_view(), name="ledger"),
    path("tickets/<str:number>/statement", ticket.Statement.as_view(), name="statement"),
    path("tickets/<str:number>/values/<str:token>", ticket.Value.as_view(), name="value"),
    path("tickets/<str:number>/slip", ticket.Slip.as_view(), name="slip"),
    *move_paths(),
]
