import { describe, expect, test } from 'vitest';
import { LabelFit } from './labels';

/** A face in which every character is 6 px wide. */
function fit(): { labels: LabelFit; measured: () => number } {
  let calls = 0;
  const labels = new LabelFit((text) => {
    calls++;
    return text.length * 6;
  });
  return { labels, measured: () => calls };
}

describe('LabelFit', () => {
  test.each([
    ['main.worker', 66, 'main.worker'],
    ['main.worker', 67, 'main.worker'],
    ['main.worker', 64, 'main.work…'],
    ['main.worker', 30, 'mai…'],
    ['main.worker', 20, 'ma…'],
    ['main.worker', 14, ''],
    ['main.worker', 3, ''],
    ['chan receive', 38, 'chan…'],
    ['', 10, ''],
  ])('%j in %d px is %j', (text, room, want) => expect(fit().labels.fit(text, room)).toBe(want));

  test('never wider than the room', () => {
    const { labels } = fit();
    for (let room = 0; room < 200; room += 3) expect(labels.width(labels.fit('github.com/acme/bus.(*Bus).Publish', room))).toBeLessThanOrEqual(room);
  });

  test('a text is measured once', () => {
    const { labels, measured } = fit();
    labels.fit('main.worker', 40);
    const before = measured();
    for (let i = 0; i < 100; i++) labels.fit('main.worker', 40 + (i % 4));
    expect(measured()).toBe(before);
  });
});
