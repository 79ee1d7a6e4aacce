import { describe, expect, test } from 'vitest';
import { type Theme, channels, classColors, classKeys, luminance, surface, textOn, toLinear } from './palette';

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear light.
const VISION: Readonly<Record<string, Matrix>> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** What must be told apart at a glance, with a lane's ground. */
const APART = ['running', 'runnable', 'network', 'channel', 'sync', 'select', 'sleep', 'gc_wait', 'other_wait', 'syscall', 'syscall_blocked'];

const dot = (row: Vector, v: Vector): number => row[0] * v[0] + row[1] * v[1] + row[2] * v[2];
const clamp = (x: number): number => Math.min(1, Math.max(0, x));

/** Oklab of a colour as seen with the given vision. */
function seen(color: string, vision: Matrix): Vector {
  const linear = channels(color).map(toLinear) as unknown as Vector;
  const [r, g, b] = vision.map((row) => clamp(dot(row, linear))) as unknown as Vector;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const distance = (a: Vector, b: Vector): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each<Theme>(['light', 'dark'])('%s', (theme) => {
  const colors = new Map<string, string>(classColors(theme).map((color, id) => [classKeys[id] ?? '', color]));

  test.each(Object.entries(VISION))('states differ with %s', (_, vision) => {
    const points = APART.map((key) => [key, seen(colors.get(key) ?? '', vision)] as const);
    points.push(['lane', seen(surface(theme).lane, vision)]);
    // 0.02 is about the smallest difference that is seen side by side; we ask for more than four times that.
    const close = points.flatMap(([a, at], i) =>
      points.slice(0, i).flatMap(([b, other]) => (distance(at, other) < 0.09 ? [`${a} ~ ${b}: ${distance(at, other).toFixed(3)}`] : [])),
    );
    expect(close).toEqual([]);
  });

  test('labels are readable on every state', () => {
    const poor = [...colors].flatMap(([key, color]) => {
      const [a, b] = [luminance(color), luminance(textOn(color))].sort((x, y) => y - x) as [number, number];
      const contrast = (a + 0.05) / (b + 0.05);
      return contrast < 4 ? [`${key}: ${contrast.toFixed(2)}`] : [];
    });
    expect(poor).toEqual([]);
  });

  test('text is readable on the ground', () => {
    const { bg, lane, text, dim } = surface(theme);
    for (const ground of [bg, lane]) {
      for (const color of [text, dim]) {
        const [a, b] = [luminance(ground), luminance(color)].sort((x, y) => y - x) as [number, number];
        expect((a + 0.05) / (b + 0.05)).toBeGreaterThan(4.5);
      }
    }
  });
});
