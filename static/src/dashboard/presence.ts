import type { Member, PresenceStatus } from '../core/protocol';

const order: Readonly<Record<PresenceStatus, number>> = { online: 0, busy: 1, away: 2, offline: 3 };

/** Those who are there first, then by name. */
export function byPresence(one: Member, other: Member): number {
  return order[one.status] - order[other.status] || one.name.localeCompare(other.name);
}
