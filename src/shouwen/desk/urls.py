"""The addresses of the desk."""

from django.urls import path

from shouwen.desk.pages import administration, calendars, drafts, notices, presence, queues, rules, search, ticket
from shouwen.desk.pages.moves import move_paths

app_name = "desk"

urlpatterns = [
    path("", queues.HomePage.as_view(), name="home"),
    path("queues", queues.HomePage.as_view()),
    path("queues/", queues.HomePage.as_view()),
    path("queues/<slug:code>", queues.QueuePage.as_view(), name="queue"),
    path("tasks", queues.TasksPage.as_view(), name="tasks"),
    path("tabs", queues.Tabs.as_view(), name="tabs"),
    path("presence", presence.PresencePage.as_view(), name="presence"),
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
    path("rules", rules.RulesPage.as_view(), name="rules"),
    path("rules/appendices/<slug:name>", rules.AppendixPage.as_view(), name="appendix"),
    path("rules/editions/<str:edition_id>/pack", rules.PackOfEdition.as_view(), name="edition_pack"),
    path("rules/drafts", drafts.Drafts.as_view(), name="drafts"),
    path("rules/drafts/<uuid:draft>", drafts.DraftPage.as_view(), name="draft"),
    path("rules/drafts/<uuid:draft>/pack", drafts.PackOfDraft.as_view(), name="draft_pack"),
    path("rules/drafts/<uuid:draft>/files", drafts.Upload.as_view(), name="draft_upload"),
    path("rules/drafts/<uuid:draft>/files/<str:file>", drafts.FilePage.as_view(), name="draft_file"),
    path("rules/drafts/<uuid:draft>/review", drafts.Review.as_view(), name="draft_review"),
    path("rules/drafts/<uuid:draft>/approval", drafts.Approval.as_view(), name="draft_approval"),
    path("rules/drafts/<uuid:draft>/return", drafts.Returning.as_view(), name="draft_return"),
    path("rules/drafts/<uuid:draft>/publication", drafts.Publication.as_view(), name="draft_publication"),
    path("rules/drafts/<uuid:draft>/replays", drafts.Replays.as_view(), name="draft_replays"),
    path("rules/drafts/<uuid:draft>/discard", drafts.Discard.as_view(), name="draft_discard"),
    path("rules/drafts/<uuid:draft>/restoration", drafts.Restoration.as_view(), name="draft_restoration"),
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
