from django.urls import path

from shouwen.portal.pages import complaining, complaint, files, guiding, home, reading, survey, telling, tracking

app_name = "portal"
urlpatterns = [
    path("", home.HomePage.as_view(), name="home"),
    path("care", reading.CarePage.as_view(), name="care"),
    path("submit", complaining.ComplaintPage.as_view(), name="submit"),
    path("guides/<str:guide>", guiding.GuidePage.as_view(), name="guide"),
    path("received", complaining.ReceivedPage.as_view(), name="received"),
    path("received/files", files.ReceivedFilesPage.as_view(), name="received_files"),
    path("track", tracking.TrackPage.as_view(), name="track"),
    path("track/code", tracking.CodePage.as_view(), name="code"),
    path("track/slip", tracking.SlipPage.as_view(), name="slip"),
    path("leave", tracking.LeavePage.as_view(), name="leave"),
    path("tickets/<str:number>", complaint.TicketPage.as_view(), name="ticket"),
    path("tickets/<str:number>/additions", complaint.AdditionPage.as_view(), name="additions"),
    path("tickets/<str:number>/files", files.FilesPage.as_view(), name="files"),
    path("tickets/<str:number>/rating", complaint.RatingPage.as_view(), name="rating"),
    path("tickets/<str:number>/reopening", complaint.ReopeningPage.as_view(), name="reopening"),
    path("tickets/<str:number>/telling", telling.TellingPage.as_view(), name="telling"),
    path("tickets/<str:number>/telling/code", telling.MailboxCodePage.as_view(), name="telling_code"),
    path("surveys/<str:token>", survey.SurveyPage.as_view(), name="survey"),
]
