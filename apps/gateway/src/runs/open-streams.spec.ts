import { OpenStreams } from './open-streams.js';

describe('open streams', () => {
  it('are counted by key and in all, and given back', () => {
    const streams = new OpenStreams(2, 3);
    const leave = streams.enter('a');
    streams.enter('a');
    expect(() => streams.enter('a')).toThrow('2 open streams');
    streams.enter('b');
    expect(() => streams.enter('c')).toThrow('Too many streams');
    leave();
    expect(() => streams.enter('c')).not.toThrow();
  });
});
