const day = 86_400_000;
const dates = new Map<number, string>();
const two = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
const three = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));

/** The moment as Okta writes it; as `toISOString`, several times as fast, for a page of people has a thousand of them. */
export function iso(moment: number): string {
  const whole = Math.floor(moment / day);
  let date = dates.get(whole);
  if (!date) {
    if (dates.size > 20_000) dates.clear();
    date = new Date(whole * day).toISOString().slice(0, 11);
    dates.set(whole, date);
  }
  const rest = Math.floor(moment - whole * day);
  const seconds = Math.floor(rest / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${date}${two[hours]}:${two[minutes - hours * 60]}:${two[seconds - minutes * 60]}.${three[rest - seconds * 1_000]}Z`;
}
