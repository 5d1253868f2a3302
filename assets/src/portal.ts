// What the portal runs: the agent's page behaviour without the agent's tools.
import "@hotwired/turbo";
import "./page/announcements.ts";
import "./page/drafts.ts";
import "./page/focus.ts";
import "./page/forms.ts";
import "./page/keep.ts";
import "./page/morph.ts";
import "./page/pickers.ts";
import "./elements/relative-time.ts";
import "./elements/toast-message.ts";
import "./live/updates.ts";
