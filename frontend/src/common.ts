// What the desk and the portal share. Each part listens on the document, so that it also serves what HTMX brings later.
import "./styles/index.css";
import "htmx.org";

import "./answers";
import "./clocks";
import "./confirm";
import "./copy";
import "./dialogs";
import "./drafts";
import "./kept";
import "./mended";
import "./menus";
import "./needed";
import "./theme";
import "./toasts";
