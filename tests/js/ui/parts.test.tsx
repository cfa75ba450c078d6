import check from 'lucide:check';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionState } from '../../../static/src/core/socket';
import { Avatar, initialsOf, toneOf } from '../../../static/src/ui/Avatar';
import { Button, IconButton } from '../../../static/src/ui/Button';
import { ConnectionBanner } from '../../../static/src/ui/ConnectionBanner';
import { Checkbox, Switch, TextField } from '../../../static/src/ui/Field';
import { Icon } from '../../../static/src/ui/Icon';
import { Menu } from '../../../static/src/ui/Menu';
import { Badge } from '../../../static/src/ui/marks';
import { createToaster, Toasts } from '../../../static/src/ui/Toast';
import { fakeClock } from '../support/clock';
import { button, click, draw, get, press } from '../support/dom';

describe('people', () => {
  test.each([
    ['Ana Beridze', 'AB'],
    ['ana maria beridze', 'AB'],
    ['Cher', 'C'],
    ['Visitor 7F3A', 'V'],
    ['დავით კობახიძე', 'დკ'],
    ['élodie', 'É'],
    ['  ', ''],
    ['7F3A', ''],
  ])('%s is %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });

  test('a person has one colour everywhere', () => {
    expect(toneOf('0190f3a2')).toBe(toneOf('0190f3a2'));
    expect(new Set(['a', 'b', 'c', 'd', 'e'].map(toneOf)).size).toBe(5);
  });

  test('letters are decoration, the status is spoken', () => {
    const { place } = draw(<Avatar name="Ana Beridze" status="busy" />);
    expect(get(place, '[aria-hidden]').textContent).toBe('AB');
    expect(get(place, '.visually-hidden').textContent).toBe('Busy');
  });
});

describe('buttons', () => {
  test('an icon has no name of its own; its button has', () => {
    const { place } = draw(<IconButton icon={check} label="Close" />);
    expect(get(place, 'button').getAttribute('aria-label')).toBe('Close');
    expect(get(place, 'svg').getAttribute('aria-hidden')).toBe('true');
    expect(place.querySelectorAll('svg > *').length).toBeGreaterThan(0);
  });

  test('a busy one keeps its place and does nothing', async () => {
    let pressed = 0;
    const { place, again } = draw(<Button onClick={() => (pressed += 1)}>Save</Button>);
    await click(button(place, 'Save'));
    again(
      <Button isBusy onClick={() => (pressed += 1)}>
        Save
      </Button>,
    );
    await click(button(place, 'Save'));
    expect(pressed).toBe(1);
    expect(button(place, 'Save').disabled).toBe(false);
  });

  test('arrows turn over with the script, other icons do not', () => {
    const { place } = draw(
      <>
        <Icon of={check} flips />
        <Icon of={check} />
      </>,
    );
    expect([...place.querySelectorAll('svg')].map((one) => one.classList.contains('flip'))).toEqual([
      true,
      false,
    ]);
  });
});

describe('fields', () => {
  test('are tied to label, hint and error', () => {
    const { place } = draw(
      <TextField
        label="Email"
        hint="For answers"
        error={['No address.', 'Too short.']}
        value="x"
        onValue={() => {}}
      />,
    );
    const input = get<HTMLInputElement>(place, 'input');
    expect(get<HTMLLabelElement>(place, 'label').htmlFor).toBe(input.id);
    const described = (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id));
    expect(described.map((one) => one?.textContent)).toEqual(['For answers', 'No address. Too short.']);
    expect(input.getAttribute('aria-invalid')).toBe('true');
  });

  test('without an error nothing claims one', () => {
    const { place } = draw(<TextField label="Email" value="" onValue={() => {}} isOptional />);
    const input = get(place, 'input');
    expect(input.hasAttribute('aria-invalid')).toBe(false);
    expect(input.hasAttribute('aria-describedby')).toBe(false);
    expect(place.textContent).toContain('optional');
  });

  test('a box and a switch tell what they become', async () => {
    const told: boolean[] = [];
    const { place } = draw(
      <>
        <Checkbox isChecked={false} onChange={(is) => told.push(is)}>
          I agree
        </Checkbox>
        <Switch label="Recording" isOn onChange={(is) => told.push(is)} />
      </>,
    );
    await click(get(place, 'input'));
    const toggle = get(place, '[role=switch]');
    expect([toggle.getAttribute('aria-label'), toggle.getAttribute('aria-checked')]).toEqual([
      'Recording',
      'true',
    ]);
    await click(toggle);
    expect(told).toEqual([true, false]);
  });
});

test('a count is short for the eye and whole for the ear; nothing is no mark', () => {
  const { place, again } = draw(<Badge count={128} countKey="unread" />);
  expect(get(place, '[aria-hidden]').textContent).toBe('99+');
  expect(get(place, '.visually-hidden').textContent).toBe('128 unread messages');
  again(<Badge count={0} countKey="unread" />);
  expect(place.textContent).toBe('');
});

describe('menu', () => {
  let chosen: string[];
  const items = ['Online', 'Busy', 'Away'].map((label) => ({
    id: label,
    label,
    isChecked: label === 'Busy',
    onSelect: () => void chosen.push(label),
  }));

  async function open() {
    chosen = [];
    const { place } = draw(
      <Menu label="Status" items={items}>
        {(own) => <Button {...own}>Available</Button>}
      </Menu>,
    );
    const panel = get(place, '[role=menu]');
    Object.assign(panel, { hidePopover: () => {} });
    const event = Object.assign(new Event('toggle'), { newState: 'open' });
    await act(async () => void panel.dispatchEvent(event));
    return { place, panel };
  }

  test('is named, tied to its button, and starts at the choice', async () => {
    const { place, panel } = await open();
    expect(panel.getAttribute('aria-label')).toBe('Status');
    const opener = button(place, 'Available');
    expect(opener.getAttribute('aria-haspopup')).toBe('menu');
    expect(opener.getAttribute('aria-expanded')).toBe('true');
    expect(opener.getAttribute('popovertarget')).toBe(panel.id);
    expect(document.activeElement?.textContent).toBe('Busy');
  });

  test.each([
    ['ArrowDown', 'Away'],
    ['ArrowUp', 'Online'],
    ['Home', 'Online'],
    ['End', 'Away'],
    ['a', 'Away'],
    ['O', 'Online'],
  ])('%s leads to %s', async (key, label) => {
    const { panel } = await open();
    await press(panel, key);
    expect(document.activeElement?.textContent).toBe(label);
  });

  test('the end leads to the start', async () => {
    const { panel } = await open();
    await press(panel, 'End');
    await press(panel, 'ArrowDown');
    expect(document.activeElement?.textContent).toBe('Online');
  });

  test('a choice is told', async () => {
    const { place } = await open();
    await click(button(place, 'Away'));
    expect(chosen).toEqual(['Away']);
    const checked = [...place.querySelectorAll('[role=menuitemradio]')].map((one) =>
      one.getAttribute('aria-checked'),
    );
    expect(checked).toEqual(['false', 'true', 'false']);
  });
});

describe('toasts', () => {
  test('stand in a status line that was there before them, and go by themselves', async () => {
    const clock = fakeClock();
    const toaster = createToaster(clock);
    const { place } = draw(<Toasts of={toaster} />);
    const status = get(place, '[role=status]');
    await act(() => toaster.show('Conversation closed'));
    expect(status.textContent).toContain('Conversation closed');
    await act(() => clock.advance(6_000));
    expect(status.textContent).toBe('');
  });

  test('what they offer happens once, and closes them', async () => {
    const toaster = createToaster(fakeClock());
    const { place } = draw(<Toasts of={toaster} />);
    const runs: string[] = [];
    await act(() => toaster.show('Closed', { label: 'Undo', run: () => runs.push('undo') }));
    await click(button(place, 'Undo'));
    expect(runs).toEqual(['undo']);
    expect(toaster.toasts.value).toEqual([]);
  });

  test('never more than three', () => {
    const toaster = createToaster(fakeClock());
    for (const text of ['a', 'b', 'c', 'd']) toaster.show(text);
    expect(toaster.toasts.value.map((toast) => toast.text)).toEqual(['b', 'c', 'd']);
  });
});

describe('the connection banner', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 23, 14, 2) }));
  afterEach(() => void vi.useRealTimers());

  const online: ConnectionState = { phase: 'online' };
  const offline = (): ConnectionState => ({
    phase: 'offline',
    since: Date.now(),
    retryAt: Date.now() + 1000,
  });
  const connecting = (): ConnectionState => ({ phase: 'connecting', since: Date.now() });
  const catchingUp = (): ConnectionState => ({ phase: 'catching_up', since: Date.now() });
  const view = (state: ConnectionState, onRetry = () => {}) => (
    <ConnectionBanner state={state} onRetry={onRetry} />
  );
  const wait = (ms: number) => act(() => void vi.advanceTimersByTime(ms));

  test('says nothing of a quick start', async () => {
    const { place, again } = draw(view(connecting()));
    await wait(1_400);
    expect(place.textContent).toBe('');
    again(view(online));
    await wait(5_000);
    expect(place.textContent).toBe('');
  });

  test('names a slow one', async () => {
    const { place } = draw(view(connecting()));
    await wait(1_500);
    expect(place.textContent).toBe('Connecting');
  });

  test('offline since, catching up, caught up, silence', async () => {
    let retried = 0;
    const { place, again } = draw(view(online));
    again(view(offline(), () => (retried += 1)));
    expect(place.textContent).toContain('Offline since 14:02.');
    await click(button(place, 'Try now'));
    expect(retried).toBe(1);
    again(view(connecting()));
    expect(place.textContent).toBe('Connecting');
    again(view(catchingUp()));
    expect(place.textContent).toBe('Back online, catching up');
    again(view({ phase: 'online', isBehind: true }));
    expect(place.textContent).toBe('Back online, catching up');
    again(view(online));
    expect(place.textContent).toBe('Everything is up to date');
    await wait(2_500);
    expect(place.textContent).toBe('');
  });

  test('says nothing of a gap that is filled at once, and names one that is not', async () => {
    const { place, again } = draw(view(online));
    again(view({ phase: 'online', isBehind: true }));
    await wait(1_400);
    expect(place.textContent).toBe('');
    await wait(100);
    expect(place.textContent).toBe('Back online, catching up');
    again(view(online));
    expect(place.textContent).toBe('');
  });

  test('a line that stays closed says so in the owner’s words', () => {
    const { place } = draw(
      <ConnectionBanner
        state={{ phase: 'stopped', reason: 'unauthenticated' }}
        onRetry={() => {}}
        stopped={{ text: 'You are signed out.', action: 'Sign in', run: () => {} }}
      />,
    );
    expect(place.textContent).toContain('You are signed out.');
    expect(button(place, 'Sign in')).toBeTruthy();
  });
});
