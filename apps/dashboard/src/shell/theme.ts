export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const place = 'seatwise.theme';

export const chosenTheme = (): Theme => themes.find((theme) => theme === localStorage.getItem(place)) ?? 'system';

/** Shows the theme that was chosen on this machine; without one, the system's. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === 'system') {
    localStorage.removeItem(place);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(place, theme);
    document.documentElement.dataset.theme = theme;
  }
  document.dispatchEvent(new Event(themeChanged));
}

export const themeChanged = 'seatwise:theme';
