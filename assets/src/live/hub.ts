// One stream for all tabs of a browser: a connection for each would use up the few that HTTP/1.1 allows.

/** What a tab shows, as its page says it: `what~known`. */
export interface Shown {
  since: number;
  record: string | null;
  list: string | null;
  desk: boolean;
  visible: boolean;
}

/** A message of the stream. */
export interface News {
  event: string;
  data: Record<string, unknown>;
}

export type Tell = (news: News) => void;

const EVENTS = ["record", "list", "counts", "notices", "presence", "end"];
const LONGEST_PAUSE = 60_000;

const tabs = new Map<Tell, Shown>();
/** The last of each kind, for a page that came while it was told. */
const latest = new Map<string, News>();
let source: EventSource | undefined;
let topics = "";
let pause = 1_000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Notes what a tab shows now; nothing when it has gone. */
export function show(tell: Tell, shown: Shown | null): void {
  if (shown) tabs.set(tell, shown);
  else tabs.delete(tell);
  if (shown) latest.forEach(tell);
  // A navigation is a tab that goes and comes.
  clearTimeout(timer);
  timer = setTimeout(follow, 30);
}

/** What the stream is asked for: without what is known already, by which it would change all the time. */
function asked(known: boolean): URLSearchParams {
  const query = new URLSearchParams();
  const add = (name: string, value: string | null) => {
    if (value !== null) query.append(name, known ? value : value.slice(0, value.lastIndexOf("~")));
  };
  for (const { record, list, desk, visible } of tabs.values()) {
    add(desk ? (visible ? "at" : "by") : "record", record);
    if (visible) add("list", list);
    if (visible && desk) query.set("counts", "");
  }
  return query;
}

function follow(): void {
  // A browser nobody looks at needs no stream; what it missed it is told when somebody does.
  const shown = [...tabs.values()].some(({ visible }) => visible);
  const wanted = shown ? `?${asked(false)}` : "";
  if (wanted === topics) return;
  topics = wanted;
  source?.close();
  source = undefined;
  if (shown) open();
}

function open(): void {
  const query = asked(true);
  const since = [...tabs.values()].map((tab) => tab.since).filter((event) => event > 0);
  if (since.length > 0) query.set("since", String(Math.min(...since)));
  latest.clear();
  const stream = new EventSource(`/live?${query}`);
  source = stream;
  for (const event of EVENTS) {
    stream.addEventListener(event, (message) => {
      pause = 1_000;
      const news = { event, data: JSON.parse(message.data) as News["data"] };
      for (const tell of tabs.keys()) tell(news);
      if (event === "end") stream.close();
      const of = news.data["number"] ?? news.data["place"];
      if (of) latest.set(`${event} ${of}`, news);
    });
  }
  // A connection that breaks the browser mends; one that was refused is tried again ever more rarely.
  stream.onerror = () => {
    if (source !== stream || stream.readyState !== EventSource.CLOSED) return;
    topics = "";
    clearTimeout(timer);
    timer = setTimeout(follow, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
}
