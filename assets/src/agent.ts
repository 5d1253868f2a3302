// What an agent's pages run. Editor, graph and calendar are chunks of their own, loaded where they are used.
import "@hotwired/turbo";
import "./page/announcements.ts";
import "./page/drafts.ts";
import "./page/focus.ts";
import "./page/forms.ts";
import "./page/latest.ts";
import "./page/morph.ts";
import "./page/pickers.ts";
import "./page/markdown-tools.ts";
import "./elements/relative-time.ts";
import "./elements/sla-clock.ts";
import "./elements/toast-message.ts";
import "./list/choose.ts";
import "./list/place.ts";
import "./live/rows.ts";
import "./live/presence.ts";
import "./live/updates.ts";
