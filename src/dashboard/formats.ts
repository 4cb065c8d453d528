import { systemClock } from "../async/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../spans.ts";
import { times } from "./words/times.ts";
import { inLang, type Lang } from "./words/words.ts";

/** How numbers and times are written in one language and one zone. Times are epoch ms. */
export interface Formats {
  readonly zone: string;
  /** `1,284` */
  number(value: number): string;
  /** `95.4 %` */
  percent(share: number): string;
  /** `09:12` */
  clock(at: number): string;
  /** `09:12:04` */
  second(at: number): string;
  /** `Thursday 26 November` */
  day(at: number): string;
  /** `26 Nov 2026, 09:12:04 WIB` */
  exact(at: number): string;
  /** The clock today, else the day with it. */
  when(at: number): string;
  /** `41 ms`, `10.0 s`, `3 min`, `12 d 4 h` */
  span(ms: number): string;
  /** `12 s ago`, `in 9 min`; the day with the clock beyond two days. */
  relative(at: number, now: number): string;
  /** `1.2 kB` */
  bytes(size: number): string;
  /** `26 Nov` */
  shortDay(at: number): string;
  /** Minutes from UTC at that time. */
  offsetMinutes(at: number): number;
  /** Hours since midnight, and the day, there. */
  hourOf(at: number): number;
}

const made = new Map<string, Formats>();

/** Formats are costly to make and asked for on every page: they are kept for each language and zone. */
export function formatsOf(lang: Lang, zone: string): Formats {
  const name = `${lang} ${zone}`;
  let formats = made.get(name);
  if (formats === undefined) {
    if (made.size > 200) made.clear();
    made.set(name, formats = make(lang, zone));
  }
  return formats;
}

/** The zone, if there is such a one; else the gateway's own. */
export function zoneOr(zone: string | undefined): string {
  if (zone !== undefined && /^[\w+/-]{1,60}$/.test(zone)) {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
    } catch {
      // no zone of this name
    }
  }
  return new Intl.DateTimeFormat("en").resolvedOptions().timeZone;
}

function make(lang: Lang, zone: string): Formats {
  const locale = lang === "id" ? "id-ID" : "en-GB";
  const words = inLang(times, lang);
  const zoned = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
  const clock = zoned({ hour: "2-digit", minute: "2-digit" });
  const second = zoned({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = zoned({ weekday: "long", day: "numeric", month: "long" });
  const date = zoned({ year: "numeric", month: "2-digit", day: "2-digit" });
  const short = zoned({ day: "numeric", month: "short" });
  const exact = zoned({
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  const hour = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", hour: "2-digit" });
  const number = new Intl.NumberFormat(locale);
  const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const upTo = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

  const span = (ms: number): string => {
    if (ms < 1_000) return `${number.format(Math.round(ms))} ${words.ms}`;
    if (ms < MINUTE_MS) {
      return `${ms < 20_000 ? tenth.format(ms / 1_000) : Math.round(ms / 1_000)} ${words.s}`;
    }
    return coarse(ms);
  };
  const coarse = (ms: number): string => {
    if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} ${words.s}`;
    if (ms < 100 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} ${words.min}`;
    if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} ${words.h}`;
    const days = Math.floor(ms / DAY_MS);
    const hours = Math.floor((ms - days * DAY_MS) / HOUR_MS);
    return hours === 0 || days > 30 ? `${days} ${words.d}` : `${days} ${words.d} ${hours} ${words.h}`;
  };
  const when = (at: number) => {
    const isToday = date.format(at) === date.format(systemClock.now());
    return isToday ? clock.format(at) : `${short.format(at)}, ${clock.format(at)}`;
  };

  return {
    zone,
    number: (value) => number.format(value),
    percent: (share) => `${upTo.format(100 * share)} %`,
    clock: (at) => clock.format(at),
    second: (at) => second.format(at),
    day: (at) => day.format(at).replace(",", ""),
    exact: (at) => exact.format(at),
    when,
    span,
    relative(at, now) {
      const away = at - now;
      if (Math.abs(away) < 1_000) return words.justNow;
      if (Math.abs(away) >= 2 * DAY_MS) return when(at);
      return away < 0 ? words.ago(coarse(-away)) : words.in(coarse(away));
    },
    bytes(size) {
      if (size < 1_000) return `${number.format(size)} B`;
      return size < 1_000_000 ? `${upTo.format(size / 1_000)} kB` : `${upTo.format(size / 1_000_000)} MB`;
    },
    shortDay: (at) => short.format(at),
    offsetMinutes: (at) => offsetOf(zone, at),
    hourOf: (at) => Number(hour.format(at)),
  };
}

/** Minutes from UTC in a zone, from how it is written there, such as `GMT+07:00`. */
function offsetOf(zone: string, at: number): number {
  const name = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" })
    .formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):?(\d{2})?/.exec(name) ?? [];
  return sign === undefined ? 0 : Number(`${sign}1`) * (60 * Number(hours) + Number(minutes ?? 0));
}
