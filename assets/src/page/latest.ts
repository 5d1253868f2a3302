// A record is read from its newest words: the timeline opens at its end.

document.addEventListener("turbo:load", () => {
  const timeline = document.getElementById("timeline");
  if (timeline && !location.hash) timeline.scrollTop = timeline.scrollHeight;
});
