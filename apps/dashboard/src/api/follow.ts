import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const againMs = 2_000;

/**
 * Keeps what `key` holds as new as the server tells it, while it is in work. The server ends the stream with what it
 * follows; one that broke off is begun again.
 */
export function useFollowed(stream: { path: string; event: string; key: QueryKey; isOn: boolean }): void {
  const { path, event, isOn } = stream;
  const cache = useQueryClient();
  const [attempt, setAttempt] = useState(0);
  const name = JSON.stringify(stream.key);
  useEffect(() => {
    if (!isOn) return undefined;
    const key = JSON.parse(name) as QueryKey;
    const source = new EventSource(path);
    let again: number | undefined;
    source.addEventListener(event, ({ data }: MessageEvent<string>) => {
      cache.setQueryData(key, JSON.parse(data));
    });
    // The browser takes any end for a fault. Whether it was one the next look tells.
    source.addEventListener('error', () => {
      source.close();
      void cache.invalidateQueries({ queryKey: key });
      again = window.setTimeout(() => setAttempt((before) => before + 1), againMs);
    });
    return () => {
      source.close();
      window.clearTimeout(again);
    };
  }, [path, event, name, isOn, attempt, cache]);
}
