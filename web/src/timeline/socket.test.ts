import { expect, test } from 'vitest';
import { reasonIn } from './socket';

test.each([
  ['{"error":"no lane go:9"}', 'no lane go:9'],
  ['{"other":1}', '{"other":1}'],
  ['null', 'null'],
  ['going down', 'going down'],
])('%s', (frame, reason) => expect(reasonIn(frame)).toBe(reason));
