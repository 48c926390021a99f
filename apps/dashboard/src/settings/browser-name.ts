import { t } from '../texts';

/** The most particular first: each of them also says to be those that follow. */
const browsers: [name: string, sign: RegExp][] = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chrome', /Chrome\/|\bCriOS\//],
  ['Safari', /\bSafari\//],
];
const systems: [name: string, sign: RegExp][] = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
];
const firstOf = (known: [name: string, sign: RegExp][], text: string) => known.find(([, sign]) => sign.test(text))?.[0];

/** What a browser says it is, as a person would say it; unknown ones as they say it themselves. */
export function browserName(userAgent: string): string {
  const [browser, system] = [firstOf(browsers, userAgent), firstOf(systems, userAgent)];
  return browser ? t.settings.browserOn(browser, system) : userAgent;
}
