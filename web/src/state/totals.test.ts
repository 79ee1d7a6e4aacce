import { expect, test } from 'vitest';
import { lanesInView, procLanes } from './totals';

test.each<[string[], string[]]>([
  [[], ['all']],
  [['gc', 'stw'], ['all']],
  [['proc:0', 'proc:1', 'thread:0'], ['proc:0', 'proc:1']],
  [['thread:0', 'gc'], ['thread:0']],
  [['proc:0', 'group:0', 'go:3', 'regions:3:0'], ['group:0', 'go:3']],
  [['tasktype:0', 'task:1'], ['tasktype:0', 'task:1']],
])('in view %o: sum over %o', (visible, expected) => expect(lanesInView(visible)).toEqual(expected));

test('all procs of the trace', () => {
  expect(procLanes(null)).toEqual([]);
  expect(procLanes({ sections: [{ id: 'procs', title: 'Procs', lanes: [{ key: 'proc:0', label: 'Proc 0' }] }] })).toEqual(['proc:0']);
});
