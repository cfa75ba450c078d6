import { expect, test } from 'vitest';
import { hashOf, parseRoute } from '../../../static/src/dashboard/route';

const id = '0190b6a0-5b5e-7c1a-9c1e-0123456789ab';

test.each([
  ['', { section: 'you', conversation: null }],
  ['#', { section: 'you', conversation: null }],
  ['#/open', { section: 'open', conversation: null }],
  [`#/closed/${id}`, { section: 'closed', conversation: id }],
  [`#/nonsense/${id}`, { section: 'you', conversation: id }],
  ['#/open/<script>', { section: 'open', conversation: null }],
  [`#/open/${id}/more`, { section: 'open', conversation: id }],
])('%s', (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test('what is written is read again', () => {
  for (const route of [
    { section: 'spam', conversation: null },
    { section: 'all', conversation: id },
  ] as const) {
    expect(parseRoute(hashOf(route))).toEqual(route);
  }
});
