import { useSyncExternalStore } from 'react';

const place = 'seatwise.tour';
let isOn = false;
const watchers = new Set<() => void>();

function turn(on: boolean): void {
  isOn = on;
  for (const watch of watchers) watch();
}

export const beginTour = (): void => turn(true);

/** Begins it where it was not ended before in this browser. */
export function offerTour(): void {
  if (localStorage.getItem(place) === null) beginTour();
}

export function endTour(): void {
  localStorage.setItem(place, 'ended');
  turn(false);
}

const watched = (watch: () => void) => {
  watchers.add(watch);
  return () => watchers.delete(watch);
};

export const useIsTouring = (): boolean => useSyncExternalStore(watched, () => isOn);
