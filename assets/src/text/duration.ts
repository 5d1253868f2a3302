// The same words as the server's; tests/durations.json holds both to it.
import { t } from "./words.ts";

const MINUTE = 60_000;

const days = (n: number): string => t("{n}d", { n });
const hours = (n: number): string => t("{n}h", { n });
const minutes = (n: number): string => t("{n}m", { n });

/** The two largest units of a length of time in milliseconds: `38m`, `3h 10m`, `1d 2h`. */
export function shortDuration(milliseconds: number): string {
  const whole = Math.floor(Math.abs(milliseconds) / MINUTE);
  const [d, h, m] = [Math.floor(whole / 1440), Math.floor(whole / 60) % 24, whole % 60];
  if (d >= 10) return days(d);
  if (d > 0) return h > 0 ? `${days(d)} ${hours(h)}` : days(d);
  if (h > 0) return m > 0 ? `${hours(h)} ${minutes(m)}` : hours(h);
  return m > 0 ? minutes(m) : t("<1m");
}

/** The largest unit only, for ages: `now`, `3m`, `2h`, `4d`; ahead of now it is `in 3m`. */
export function age(milliseconds: number): string {
  const whole = Math.floor(Math.abs(milliseconds) / MINUTE);
  if (whole === 0) return t("now");
  const text =
    whole < 60 ? minutes(whole) : whole < 1440 ? hours(Math.floor(whole / 60)) : days(Math.floor(whole / 1440));
  return milliseconds < 0 ? t("in {age}", { age: text }) : text;
}
