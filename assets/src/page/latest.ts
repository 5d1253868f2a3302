// A record is read from its newest words: the timeline opens at its end.

// Where somebody was overtaken it opens at what is new.
document.addEventListener("turbo:render", () => {
  document.querySelector("#composer[data-live-hold]") && document.getElementById("unread")?.scrollIntoView();
});

document.addEventListener("turbo:load", () => {
  const timeline = document.getElementById("timeline");
  if (timeline && !location.hash) timeline.scrollTop = timeline.scrollHeight;
});
