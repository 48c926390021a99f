import { useEffect, useEffectEvent, useState } from 'react';

/** Whoever types goes on within it; whoever waits hardly feels it. */
const waitForTypingMs = 100;

/** What is typed, told on when the typing rests; it follows `value` where that is changed from elsewhere. */
export function useTyped(value: string, onRest: (text: string) => void) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  if (value !== told) {
    setTold(value);
    setTyped(value);
  }
  const rest = useEffectEvent(() => {
    if (typed !== value) onRest(typed);
  });
  useEffect(() => {
    const timer = window.setTimeout(rest, waitForTypingMs);
    return () => window.clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped] as const;
}
