import { expect, test } from 'vitest';
import { EMPTY, type View, decode, encode } from './url';

test.each<[string, Partial<View>]>([
  ['', {}],
  ['#view=0,1000', { viewport: { from: 0, to: 1000 } }],
  ['#view=-12.5,1000.125', { viewport: { from: -12.5, to: 1000.125 } }],
  ['#sel=go:17@1234', { selection: { lane: 'go:17', ts: 1234 } }],
  ['#sel=regions:17:0@5@991', { selection: { lane: 'regions:17:0', ts: 5, row: 991 } }],
  ['#range=5,10&over=go:1,proc:0', { range: { from: 5, to: 10 }, rangeLanes: ['go:1', 'proc:0'] }],
  ['#open=group:0,group:12&pin=proc:1,go:3', { expanded: ['group:0', 'group:12'], pinned: ['proc:1', 'go:3'] }],
  ['#mark=5,10,7.5,7.5', { marks: [{ from: 5, to: 10, temporary: false }, { from: 7.5, to: 7.5, temporary: false }] }],
  ['#sort=running&y=420', { laneSort: 'running', scrollTop: 420 }],
  ['#page=goroutine:0', { page: { kind: 'goroutine', go: 0 } }],
  ['#page=goroutines&filter=func=^main%5C.worker$%20min=1ms&groups.order=-running', { page: { kind: 'goroutines' }, filter: 'func=^main\\.worker$ min=1ms', settings: { 'groups.order': '-running' } }],
  ['#page=profiles&kind=net&mode=top&view=1,2', { page: { kind: 'profiles' }, settings: { kind: 'net', mode: 'top' }, viewport: { from: 1, to: 2 } }],
  ['#filter=goroutine=17', { filter: 'goroutine=17' }],
  ['#page=file&view=1,2', { page: { kind: 'file' }, viewport: { from: 1, to: 2 } }],
])('%s and back', (hash, part) => {
  const view = { ...EMPTY, ...part };
  expect(encode(view)).toBe(hash);
  expect(decode(hash)).toEqual(view);
});

test.each([
  '#view=5,1',
  '#view=a,b',
  '#view=,5',
  '#view=1',
  '#sel=@5',
  '#sel=go:1',
  '#sel=go:1@x',
  '#range=1,NaN',
  '#y=-5',
  '#sort=nothing',
  '#page=goroutine:-1',
  '#page=goroutine:x',
  '#%',
  '#view=%',
  '#nonsense',
])('%s says nothing', (hash) => expect(decode(hash)).toEqual(EMPTY));
