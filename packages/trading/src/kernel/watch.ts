import { messageOf, SwarmError, type Timers } from '@tradeswarm/core'
import type { AccountLease } from './account-lease.js'
import { expireApprovals } from './approval-desk.js'
import { checkFeed, checkSkew, measureSkew } from './automatic-halts.js'
import { hasQueue } from './exit-queue.js'
import { alert, type KernelRuntime } from './kernel-runtime.js'
import { expirePermits } from './order-desk.js'
import { endOverdue } from './overdue-orders.js'
import { protectContained } from './protection-desk.js'
import { tellState } from './raise-halt.js'
import { isDayDue, rollDayByClock } from './risk-day.js'
import { settleUnknown } from './settle-orders.js'
import type { Within } from './within.js'
import { workOrders } from './working-desk.js'

/** Something that comes round until it is stopped. */
export type Rounds = { start(): void; stop(): void }

/** Runs a task again and again, a pause after the end of each. What it throws is dropped: it must report for itself. */
function createRounds(
  { clock }: Pick<KernelRuntime, 'clock'>,
  timers: Pick<Timers, 'at'>,
  everyMs: number,
  task: () => Promise<void>,
): Rounds {
  let cancel: (() => void) | undefined
  let running = false
  const arm = (): void => {
    cancel = timers.at(clock.now() + everyMs, async () => {
      await task().catch(() => undefined)
      if (running) arm()
    })
  }
  return {
    start() {
      if (running) return
      running = true
      arm()
    },
    stop() {
      running = false
      cancel?.()
    },
  }
}

const watchEveryMs = 1_000
const skewEveryRounds = 30
const skewTimeoutMs = 5_000

/** Asks the venue for its time and judges the answer, as at the start; one that does not come in time is none. */
export async function askTime(runtime: KernelRuntime, within: Within): Promise<void> {
  await measure(runtime, within)
  checkSkew(runtime)
}

async function measure(runtime: KernelRuntime, within: Within): Promise<void> {
  const { clock } = runtime
  const seen = clock.elapsed === undefined ? undefined : { now: clock.now(), elapsed: clock.elapsed() }
  try {
    runtime.clockSkewMs = await within(skewTimeoutMs, `the venue's time`, measureSkew(runtime))
    runtime.clockSeen = seen
  } catch (thrown) {
    runtime.clockSkewMs = undefined
    runtime.logger.warn('the venue did not tell its time', { error: messageOf(thrown) })
  }
}

/**
 * What no event brings about: the feed falls silent, a day begins, a permit lapses, clocks drift apart, a position is without exits while
 * nothing trades. In real time only.
 */
export function createWatch(options: {
  readonly runtime: KernelRuntime
  readonly timers: Pick<Timers, 'at'>
  readonly within: Within
  readonly turn: (task: () => void | Promise<void>) => Promise<void>
}): Rounds {
  const { runtime, timers, within, turn } = options
  let round = 0
  return createRounds(runtime, timers, watchEveryMs, async () => {
    round += 1
    try {
      const isTime = round % skewEveryRounds === 0 || isDayDue(runtime)
      if (isTime || runtime.clockSkewMs === undefined) await measure(runtime, within)
      await turn(async () => {
        if (runtime.broker === undefined) return
        expirePermits(runtime)
        expireApprovals(runtime)
        rollDayByClock(runtime)
        checkFeed(runtime)
        checkSkew(runtime)
        await settleUnknown(runtime)
        await endOverdue(runtime)
        for (const symbol of symbolsToProtect(runtime)) await protectContained(runtime, symbol)
        await workOrders(runtime)
      })
    } catch (thrown) {
      runtime.logger.warn('a round of the watch failed', { error: messageOf(thrown) })
    }
  })
}

/** Those that lack cover, and those with an exit that waits, for its auction for instance. */
function symbolsToProtect({ uncovered, state }: KernelRuntime): ReadonlySet<string> {
  const symbols = new Set(uncovered.keys())
  for (const [symbol, trip] of state.trips) if (hasQueue(trip)) symbols.add(symbol)
  return symbols
}

/** Keeps the hold on the account, and tells when it is lost or found again. It waits for no turn: a busy kernel keeps its hold. */
export function createLeaseKeeper(options: {
  readonly runtime: KernelRuntime
  readonly lease: AccountLease
  readonly timers: Pick<Timers, 'at'>
  readonly within: Within
  readonly tell: () => void
}): Rounds {
  const { runtime, lease, timers, within, tell } = options
  let toldLapsed = false
  let isStopped = false
  const rounds = createRounds(runtime, timers, lease.renewEveryMs, async () => {
    try {
      await within(lease.renewEveryMs, 'renewing the hold on the account', lease.renew())
    } catch (thrown) {
      // A renewal that was under way when the account was given back.
      if (isStopped) return
      const level = SwarmError.isInstance(thrown, 'LEASE_LOST') ? 'error' : 'warn'
      runtime.logger[level]('the hold on the account was not renewed', { error: messageOf(thrown) })
    }
    if (isStopped) return
    const reason = lease.lapsed()
    if ((reason !== undefined) === toldLapsed) return
    toldLapsed = reason !== undefined
    if (reason !== undefined) alert(runtime, 'LEASE_LOST', `${reason}: nothing is sent`)
    tellState(runtime, reason ?? 'the account is held again')
    tell()
  })
  return {
    start() {
      isStopped = false
      rounds.start()
    },
    stop() {
      isStopped = true
      rounds.stop()
    },
  }
}
