import { SwarmError } from '@tradeswarm/core'
import { applyKernelRecord } from './apply-kernel-record.js'
import type { KernelRecord } from './kernel-record.js'
import { kernelSnapshot, restoreKernelState } from './kernel-snapshot.js'
import { emptyKernelState, type KernelState } from './kernel-state.js'

/** A journalled line as far as a rebuild needs it: the payload, parsed. */
export type JournalledRecord = { readonly payload: unknown }

/**
 * The snapshot that the journalled records come to: to the byte what `kernel.snapshot()` said after the last of them.
 * With an earlier snapshot, only the records after it are to be given. Throws `KERNEL_JOURNAL_INVALID`.
 */
export function rebuildKernelState(entries: Iterable<JournalledRecord>, snapshot?: string): string {
  return kernelSnapshot(replayRecords(entries, snapshot === undefined ? undefined : restoreKernelState(snapshot)))
}

/** The state itself; see {@link rebuildKernelState}. */
export function replayRecords(entries: Iterable<JournalledRecord>, from?: KernelState): KernelState {
  let state = from
  for (const entry of entries) {
    const record = recordOf((entry as JournalledRecord | null | undefined)?.payload)
    state ??=
      record.type === 'account-opened' ? emptyKernelState(record.currency, record.lots) : failOnStart(record.type)
    applyKernelRecord(state, record)
  }
  return state ?? failOnStart('nothing')
}

function recordOf(payload: unknown): KernelRecord {
  if (typeof payload === 'object' && payload !== null && 'type' in payload && typeof payload.type === 'string')
    return payload as KernelRecord
  throw new SwarmError({
    code: 'KERNEL_JOURNAL_INVALID',
    message: 'an entry of the kernel journal has no record with a type',
  })
}

function failOnStart(found: string): never {
  throw new SwarmError({
    code: 'KERNEL_JOURNAL_INVALID',
    message: `a kernel's journal starts with "account-opened", and here it starts with "${found}"`,
  })
}
