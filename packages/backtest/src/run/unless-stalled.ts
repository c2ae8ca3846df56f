import { SwarmError } from '@tradeswarm/core'
import { onIdleProcess } from './system-idle-process.js'

/** What a run waits for at the moment, told when it will never come. */
export type Awaited = {
  /** In virtual time, once there is one. */
  now: () => number | undefined
  /** What is waited for, in words; empty where nobody knows. */
  what: () => readonly string[]
}

/**
 * What work answers. Throws `RUN_STALLED`, naming what is awaited, once nothing is under way in the process by which it could go on: what
 * waits for a file, a network or a timer is left to wait.
 */
export async function unlessStalled<Answer>(
  awaited: Awaited,
  work: () => Promise<Answer>,
  onIdle: typeof onIdleProcess = onIdleProcess,
): Promise<Answer> {
  let stopListening: (() => void) | undefined
  const stalled = new Promise<never>((_, reject) => {
    stopListening = onIdle(() => reject(runStalled(awaited)))
  })
  try {
    return await Promise.race([work(), stalled])
  } finally {
    stopListening?.()
  }
}

function runStalled({ now, what }: Awaited): SwarmError {
  const names = what()
  const time = now()
  const subject = names.length === 0 ? 'something that the swarm waits for' : names.join(' and ')
  const since = time === undefined ? '' : ` since ${new Date(time).toISOString()} of the run's time`
  return new SwarmError({
    code: 'RUN_STALLED',
    message: `the run cannot go on: ${subject} has not ended${since}, and nothing is under way that it could wait for; see that its promise settles`,
    context: { awaited: names, ...(time === undefined ? {} : { time }) },
  })
}
