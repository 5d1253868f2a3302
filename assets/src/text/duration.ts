// The same words as the server's; tests/durations.json holds both to it.

const MINUTE = 60_000;

/** The two largest units of a length of time in milliseconds: `38m`, `3h 10m`, `1d 2h`. */
export function shortDuration(milliseconds: number): string {
  const minutes = Math.floor(Math.abs(milliseconds) / MINUTE);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  if (days >= 10) return `${days}d`;
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`;
  if (hours > 0) return rest > 0 ? `${hours}h ${rest}m` : `${hours}h`;
  return rest > 0 ? `${rest}m` : "<1m";
}

/** The largest unit only, for ages: `now`, `3m`, `2h`, `4d`; ahead of now it is `in 3m`. */
export function age(milliseconds: number): string {
  const minutes = Math.floor(Math.abs(milliseconds) / MINUTE);
  if (minutes === 0) return "now";
  const text =
    minutes < 60 ? `${minutes}m` : minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
  return milliseconds < 0 ? `in ${text}` : text;
}
