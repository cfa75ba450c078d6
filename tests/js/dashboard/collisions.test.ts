import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Author } from '../../../static/src/core/protocol';
import { Collisions } from '../../../static/src/dashboard/collisions';
import { type FakeClock, fakeClock } from '../support/clock';
import { endUser, message } from '../support/shapes';

const luka: Author = { kind: 'operator', id: 'luka', name: 'Luka' };
const me: Author = { kind: 'operator', id: 'me', name: 'Nino' };

describe('Collisions', () => {
  let clock: FakeClock;
  let collisions: Collisions;
  const onChange = vi.fn();

  beforeEach(() => {
    onChange.mockClear();
    clock = fakeClock();
    collisions = new Collisions(clock, 'me', onChange);
  });

  test('a colleague who types counts; the end-user and I do not', () => {
    collisions.observe('c', [luka, me, endUser]);
    expect(collisions.names('c')).toEqual(['Luka']);
    expect(collisions.names('another')).toEqual([]);
  });

  test('they are remembered for two minutes after they stopped', async () => {
    collisions.observe('c', [luka]);
    await clock.advance(300_000);
    expect(collisions.names('c')).toEqual(['Luka']);
    collisions.observe('c', []);
    await clock.advance(119_000);
    expect(collisions.names('c')).toEqual(['Luka']);
    expect(onChange).not.toHaveBeenCalled();
    await clock.advance(1_000);
    expect(collisions.names('c')).toEqual([]);
    expect(onChange).toHaveBeenCalledExactlyOnceWith('c');
  });

  test('who begins again is remembered from the later stop', async () => {
    collisions.observe('c', [luka]);
    collisions.observe('c', []);
    await clock.advance(100_000);
    collisions.observe('c', [luka]);
    await clock.advance(100_000);
    expect(collisions.names('c')).toEqual(['Luka']);
    collisions.observe('c', []);
    await clock.advance(119_000);
    expect(collisions.names('c')).toEqual(['Luka']);
    await clock.advance(1_000);
    expect(collisions.names('c')).toEqual([]);
  });

  test('an answer ends the surprise', () => {
    collisions.observe('c', [luka]);
    collisions.answered(message(4, { author: luka }));
    expect(collisions.names('c')).toEqual([]);
    expect(onChange).toHaveBeenCalledExactlyOnceWith('c');
    collisions.answered(message(5, { author: luka }));
    expect(onChange).toHaveBeenCalledOnce();
  });
});
