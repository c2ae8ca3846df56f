import { SwarmError } from '@tradeswarm/core'
import type { TradingKernel } from '@tradeswarm/trading'

/** Why an act of a stopped swarm fails: nothing is wrong with the storage, it is closed. */
const unwritten = new Set([
  'JOURNAL_FAILED',
  'JOURNAL_NOT_DURABLE',
  'KERNEL_JOURNAL_FAILED',
  'FREEZE_NOT_JOURNALLED',
  'KILL_SWITCH_NOT_STORED',
  'KERNEL_NOT_STARTED',
])

/** Acts of a kernel that a person answers for: attempted after a stop too, so that what is none is refused as ever, and a kill holds in memory. */
const personal = [
  'book',
  'adopt',
  'halt',
  'reduce',
  'resume',
  'flatten',
  'freeze',
  'unfreeze',
  'changePolicy',
  'kill',
  'resetKillSwitch',
] as const satisfies readonly (keyof TradingKernel)[]

/** Calls of a kernel that send, or read the storage, and whose answer would seem to be about the order, or the storage. */
const over = [
  'start',
  'assess',
  'submit',
  'cancel',
  'amend',
  'reconcile',
  'onMarket',
  'approve',
  'deny',
] as const satisfies readonly (keyof TradingKernel)[]

/** The kernels as a swarm hands them out: once it was stopped, whatever would change or send something says so. What they hold can still be read. */
export function handOutKernels(
  kernelOf: (account?: string) => TradingKernel,
  hasStopped: () => boolean,
): (account?: string) => TradingKernel {
  const handedOut = new WeakMap<TradingKernel, TradingKernel>()
  return (account) => {
    const kernel = kernelOf(account)
    const explained = handedOut.get(kernel) ?? explainKernel(kernel, hasStopped)
    handedOut.set(kernel, explained)
    return explained
  }
}

function explainKernel(kernel: TradingKernel, hasStopped: () => boolean): TradingKernel {
  const acts = Object.fromEntries(personal.map((name) => [name, kernel[name]])) as Pick<
    TradingKernel,
    (typeof personal)[number]
  >
  const calls = over.map((name) => {
    const call = kernel[name] as (...given: unknown[]) => Promise<unknown>
    return [
      name,
      (...given: unknown[]): Promise<unknown> => (hasStopped() ? Promise.reject(stopped(name)) : call(...given)),
    ]
  })
  return { ...kernel, ...explainAfterStop(acts, hasStopped), ...(Object.fromEntries(calls) as Partial<TradingKernel>) }
}

/**
 * The same acts, which say that the swarm was stopped where they fail for that: `SWARM_NOT_RUNNING`. They are attempted all the same, and one
 * that had nothing to write, as a freeze of what is frozen, does not seem to hold.
 */
export function explainAfterStop<Acts extends object>(acts: Acts, hasStopped: () => boolean): Acts {
  const explained = Object.entries(acts).map(([name, act]: [string, (...given: unknown[]) => unknown]) => [
    name,
    (...given: unknown[]): unknown => {
      const wasStopped = hasStopped()
      const done = act(...given)
      if (!(done instanceof Promise)) return done
      return done.then(
        (answer: unknown) => {
          if (wasStopped) throw stopped(name)
          return answer
        },
        (thrown: unknown) => {
          throw hasStopped() && SwarmError.isInstance(thrown) && unwritten.has(thrown.code)
            ? stopped(name, thrown)
            : thrown
        },
      )
    },
  ])
  return Object.fromEntries(explained) as Acts
}

function stopped(act: string, cause?: SwarmError): SwarmError {
  return new SwarmError({
    code: 'SWARM_NOT_RUNNING',
    message: `${act}: the swarm was stopped, and nothing is written any more; create a new one on the same storage, and do it there`,
    ...(cause === undefined ? {} : { cause }),
  })
}
