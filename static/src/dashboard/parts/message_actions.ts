import { signal } from '@preact/signals';
import type { Id } from '../../core/protocol';

type Target = { conversation: Id; message: Id };

/** The own message that is being corrected, of whichever thread. */
export const editing = signal<Target | null>(null);
/** The own message whose deletion waits for a yes. */
export const deleting = signal<Target | null>(null);
