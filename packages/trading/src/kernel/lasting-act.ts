import { messageOf, SwarmError } from '@tradeswarm/core'
import { alert, type KernelRuntime } from './kernel-runtime.js'

/**
 * Waits until the journal keeps an act that stops something: it holds whether or not the journal does. Throws `JOURNAL_NOT_DURABLE`, which says
 * so.
 */
export async function keptOrTold(runtime: KernelRuntime, act: string): Promise<void> {
  try {
    await runtime.journal.durable()
  } catch (thrown) {
    throw notDurable(
      `${act}: it holds in memory, and the journal is not known to have it: a restart may lose it, ask again`,
      thrown,
    )
  }
}

/**
 * Waits until the journal keeps an act that lets something go on. Where it does not, `takeBack` journals what was before: an act that was
 * answered with an error has changed nothing. Throws `JOURNAL_NOT_DURABLE`.
 */
export async function keptOrTakenBack(runtime: KernelRuntime, act: string, takeBack: () => void): Promise<void> {
  try {
    await runtime.journal.durable()
  } catch (thrown) {
    try {
      takeBack()
    } catch (refused) {
      // Entries have stopped for good: the journal refused an entry.
      alert(runtime, 'JOURNAL_NOT_DURABLE', `${act} could not be taken back: ${messageOf(refused)}`)
    }
    throw notDurable(
      `${act}: the journal did not keep it, so it was taken back: ask again; only a restart before the journal keeps entries again may find it done`,
      thrown,
    )
  }
}

function notDurable(message: string, cause: unknown): SwarmError {
  return new SwarmError({
    code: 'JOURNAL_NOT_DURABLE',
    message: `${message} (${messageOf(cause)})`,
    retryability: 'retryable',
    cause,
  })
}
